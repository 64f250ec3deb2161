package io.uloop.connection;

import io.uloop.LoopTask;
import io.uloop.net.ByteStream;
import io.uloop.observe.Callbacks;
import io.uloop.poller.PollerException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The calls of a connection to its handlers.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
abstract sealed class CallingConnection extends SocketTransport
        implements Connection, Callbacks.Serving permits SocketConnection {
    final ConnectionHandler handler;

    CallingConnection(
            ByteStream channel, ConnectionOptions options, ConnectionHandler handler, Phase first) {
        super(channel, options, first);
        this.handler = handler;
    }

    @Override
    public final Object served() {
        return handler;
    }

    /** A method of the handler. */
    @FunctionalInterface
    interface Callback {
        void call(ConnectionHandler handler, Connection connection) throws Exception;
    }

    /** Calls the handler. If it throws, the connection is aborted. */
    final void call(Callback callback) {
        if (phase.isOver()) {
            return;
        }
        try {
            callback.call(handler, this);
        } catch (Exception | Error e) {
            callFailed(e);
        }
    }

    /** Returns whether a write is sent rather than dropped. */
    abstract boolean accepts();

    /** Sends a part behind the bytes. */
    abstract void write(QueuedPart part);

    /** Adds a handler behind what has been written so far. */
    abstract void markWritten(SentHandler added);

    @Override
    public final boolean write(ByteBuffer source, SentHandler whenSent) {
        Objects.requireNonNull(whenSent, "whenSent");
        checkThread();
        boolean accepted = accepts();
        boolean more = write(source);
        report(whenSent, accepted);
        return more;
    }

    @Override
    public final boolean write(FileChannel file, long position, long count, SentHandler whenSent) {
        Objects.requireNonNull(whenSent, "whenSent");
        checkThread();
        boolean accepted = accepts();
        boolean more = write(file, position, count);
        report(whenSent, accepted);
        return more;
    }

    @Override
    public final boolean write(FileChannel file, long position, long count) {
        Objects.requireNonNull(file, "file");
        checkThread();
        FilePart part = new FilePart(file, position, count);
        if (accepts() && count > 0) {
            write(part);
        }
        return isWritable();
    }

    /** Calls a handler after the write before it, which may have ended the connection. */
    private void report(SentHandler whenSent, boolean accepted) {
        if (accepted || phase == Phase.ENDED) {
            markWritten(whenSent);
        } else {
            failSoon(whenSent);
        }
    }

    @Override
    public final void whenSent(SentHandler added) {
        Objects.requireNonNull(added, "handler");
        checkThread();
        report(added, phase != Phase.DONE);
    }

    @Override
    final void takePassed() {
        Passing passing = shared().passing;
        if (passing == null) {
            return;
        }
        int[] descriptors = passing.take();
        if (descriptors.length == 0) {
            return;
        }
        if (phase == Phase.OPEN) { // during a handshake, the handler may not know the connection
            call((called, connection) -> called.receivedDescriptors(connection, descriptors));
            return;
        }
        try {
            Passing.close(loop().descriptors(), descriptors);
        } catch (PollerException e) {
            fail(e);
        }
    }

    /**
     * Adds a handler behind the bytes sent so far.
     *
     * @param lost whether its bytes have been lost
     */
    public final void markSent(SentHandler handler, boolean lost) {
        output.mark(handler, lost, this);
        callSentSoon();
    }

    private void callSentSoon() {
        SentMarks marks = output.marks();
        if (marks != null && marks.needsTask()) {
            callSoon(this);
        }
    }

    /** Calls a handler for a write that was dropped. */
    private void failSoon(SentHandler handler) {
        LoopTask call = () -> callSent(handler, new ClosedChannelException());
        if (loop().isOpen()) {
            callSoon(call);
        } else {
            last(call);
        }
    }

    @Override
    final void callSent() {
        SentMarks marks = output.marks();
        if (marks == null) {
            return;
        }
        marks.taskRuns();
        try {
            for (int i = marks.count(); i > 0 && marks.isReached() && !phase.isOver(); i--) {
                SentHandler next = marks.take();
                if (next != null) {
                    callSent(next, null);
                }
            }
        } catch (Exception e) {
            throw new AssertionError("the last calls have been made", e);
        }
        callSentSoon();
    }

    private void callSent(SentHandler called, @Nullable Throwable failure) throws Exception {
        try {
            called.sent(failure);
        } catch (Exception | Error e) {
            if (phase == Phase.DONE) {
                throw e;
            }
            callFailed(e);
        }
    }

    /** Calls the handler for the last time. */
    abstract void callEnd(@Nullable Throwable cause) throws Exception;

    @Override
    final void callLast(@Nullable Throwable cause) {
        SentMarks marks = output.marks();
        while (marks != null && marks.count() > 0) {
            Throwable failure = marks.isReached() ? null : lost(cause);
            SentHandler next = marks.take();
            if (next != null) {
                last(() -> next.sent(failure));
            }
        }
        last(() -> callEnd(cause));
    }

    private static Throwable lost(@Nullable Throwable cause) {
        return cause == null ? new ClosedChannelException() : cause;
    }
}
