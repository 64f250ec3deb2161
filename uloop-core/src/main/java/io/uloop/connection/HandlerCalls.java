package io.uloop.connection;

import io.uloop.LoopTask;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Calls the handler of one connection, never one call inside another. A call that throws ends the
 * connection. As a task, {@link #run} makes the last call.
 */
final class HandlerCalls implements LoopTask {
    /** A method of the handler. */
    @FunctionalInterface
    interface Callback {
        void call(ConnectionHandler handler, Connection connection) throws Exception;
    }

    private final SocketConnection connection;
    private final ConnectionHandler handler;
    private boolean over;
    private @Nullable Throwable cause;
    private @Nullable Throwable thrown; // the first one

    HandlerCalls(SocketConnection connection, ConnectionHandler handler) {
        this.connection = connection;
        this.handler = handler;
    }

    /**
     * Sets the cause of the end. The first reported cause wins, and later ones are added to it as
     * suppressed exceptions.
     */
    void blame(@Nullable Throwable reason) {
        if (cause == null) {
            cause = reason;
        } else if (reason != null && reason != cause) {
            cause.addSuppressed(reason);
        }
    }

    void call(Callback callback) {
        if (connection.isGone()) {
            return;
        }
        try {
            callback.call(handler, connection);
        } catch (Exception | Error e) {
            fail(e);
        }
    }

    void received(ByteBuffer data) {
        try {
            handler.received(connection, data);
        } catch (Exception | Error e) {
            fail(e);
        }
    }

    /** Makes the only call of a connection that did not open. */
    void openFailed(IOException failure) {
        over = true;
        connection.leaveLoop();
        handler.openFailed(failure);
    }

    /** Ends the handshake of a client when the loop's group begins to shut down. */
    void shutdownBegins() {
        if (handler instanceof TlsProtocol protocol) {
            protocol.shutdownBegins();
        }
    }

    private void fail(Throwable failure) {
        if (failure instanceof Error error && !isContained(error)) {
            connection.end(failure, true);
            throw error;
        }
        if (thrown == null) {
            thrown = failure;
        }
        connection.end(failure, true);
    }

    /** Ends the connection after an error that does not affect others. */
    void contain(VirtualMachineError failure) {
        if (!isContained(failure)) {
            throw failure;
        }
        fail(failure);
    }

    /**
     * Returns whether an error is contained in one connection. Memory and stack are often exhausted
     * by the input of one peer, and the loop can still serve the others. No other error gives that
     * assurance.
     */
    static boolean isContained(Throwable failure) {
        return failure instanceof OutOfMemoryError || failure instanceof StackOverflowError;
    }

    /**
     * Makes the last call. Throws the handler's exception to the loop, which logs and reports it.
     */
    @Override
    public void run() throws Exception {
        if (over) {
            return;
        }
        over = true;
        connection.leaveLoop();
        Throwable failure = thrown;
        try {
            handler.closed(connection, cause);
        } catch (Exception | OutOfMemoryError | StackOverflowError e) {
            if (failure == null) {
                failure = e;
            } else if (failure != e) {
                failure.addSuppressed(e);
            }
        }
        if (failure instanceof Exception exception) {
            throw exception;
        } else if (failure != null) { // an error would end the loop
            throw new ExecutionException(connection + " ended: " + failure, failure);
        }
    }
}
