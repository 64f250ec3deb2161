package io.uloop.connection;

import io.uloop.LoopTask;
import org.jspecify.annotations.Nullable;

/**
 * The phase of a connection, the reasons of its end, and its last call.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
abstract class ConnectionLife extends LoopMember {
    Phase phase;
    private @Nullable Ending ending; // null while there is nothing to tell

    ConnectionLife(Phase first) {
        phase = first;
    }

    /**
     * Closes the channel and releases memory. Called once.
     *
     * @param reset whether the peer must not take what it has received for complete
     * @param outOfMemory whether the reason is a lack of memory
     */
    abstract void closeChannel(boolean reset, boolean outOfMemory);

    /** Makes the last calls, each by {@link #last}. */
    abstract void callLast(@Nullable Throwable cause);

    /** Queues a task. Does nothing if the loop is closed, which ends this connection. */
    abstract void callSoon(LoopTask task);

    /**
     * Ends the connection. This is the only way out: it deregisters, closes, and calls the handler
     * in the next turn. The peer gets a reset if requested or if bytes are lost, so that it does
     * not take a partial stream for a complete one.
     */
    final void end(@Nullable Throwable reason, boolean reset) {
        if (phase.isOver()) {
            return;
        }
        phase = Phase.ENDED;
        blame(reason);
        try {
            closeChannel(reset, reason instanceof OutOfMemoryError);
        } finally {
            callSoon(this::makeLastCall);
        }
    }

    /**
     * Resets the connection after a failed read or write, because a part of the bytes may have
     * moved. Rethrows unless the peer or a lack of memory caused the failure.
     */
    final void fail(Throwable failure) {
        end(failure, true);
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        if (failure instanceof Error error && !(failure instanceof OutOfMemoryError)) {
            throw error;
        }
    }

    /** Ends the connection after its handler has thrown. */
    final void callFailed(Throwable failure) {
        if (failure instanceof Error error && !Ending.isContained(error)) {
            end(failure, true);
            throw error;
        }
        ending().threw(failure);
        end(failure, true);
    }

    /** Ends the connection after an error that does not affect others, or rethrows the error. */
    final void contain(VirtualMachineError failure) {
        if (!Ending.isContained(failure)) {
            throw failure;
        }
        callFailed(failure);
    }

    /** Adds a cause of an imminent end. The first reported cause wins. */
    final void blame(@Nullable Throwable reason) {
        if (reason != null) {
            ending().blame(reason);
        }
    }

    /** Makes the last call, unless it has been made. */
    final void makeLastCall() throws Exception {
        if (phase == Phase.DONE) {
            return;
        }
        phase = Phase.DONE;
        leaveLoop();
        callLast(cause());
        if (ending != null) {
            ending.rethrow(this);
        }
    }

    /** Makes one of the last calls. What it throws reaches the loop after the others. */
    final void last(LoopTask call) {
        try {
            call.run();
        } catch (Exception | Error e) {
            ending().threw(e);
        }
    }

    /** Returns why the connection ends; null if it has not failed. */
    final @Nullable Throwable cause() {
        return ending == null ? null : ending.cause();
    }

    private Ending ending() {
        Ending known = ending;
        if (known == null) {
            known = new Ending();
            ending = known;
        }
        return known;
    }
}
