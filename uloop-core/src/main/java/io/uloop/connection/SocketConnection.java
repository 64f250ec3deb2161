package io.uloop.connection;

import io.uloop.ClosedLoopException;
import io.uloop.LoopTask;
import io.uloop.Uloop;
import io.uloop.net.StreamChannel;
import io.uloop.net.TcpChannel;
import io.uloop.poller.ClosedPollerException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What plain and TLS connections share between their user and their {@link Transport}. */
abstract sealed class SocketConnection extends Transport implements Connection
        permits PlainConnection, TlsConnection {
    final ConnectionHandler handler;

    SocketConnection(
            StreamChannel channel,
            ConnectionOptions options,
            ConnectionHandler handler,
            Phase first) {
        super(channel, options, first);
        this.handler = handler;
    }

    /** Starts to use the registered channel. */
    abstract void started();

    /** Registers the connection with its loop and calls the handler. */
    final void start() {
        checkThread();
        try {
            LoopMembers.of(loop()).join(this);
            if (shared().options.noDelay() && channel instanceof TcpChannel) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            register();
        } catch (IOException e) {
            failToOpen(e);
            return;
        } catch (ClosedLoopException | ClosedPollerException e) {
            failToOpen(new IOException("cannot open " + this + ": its loop is closed", e));
            return;
        }
        settle();
        started();
    }

    private void failToOpen(IOException failure) {
        phase = Phase.DONE;
        closeAfter(channel, failure);
        leaveLoop();
        handler.openFailed(failure);
    }

    /** Closes a channel after a failure. If that fails too, adds a suppressed exception. */
    static void closeAfter(StreamChannel channel, Throwable failure) {
        try {
            channel.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
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

    /** Calls the handler for the last time. */
    abstract void callEnd(@Nullable Throwable cause) throws Exception;

    @Override
    final void callLast(@Nullable Throwable cause) {
        SentMarks marks = output.marks();
        while (marks != null && marks.count() > 0) {
            Throwable failure = marks.isReached() ? null : lost();
            SentHandler next = marks.take();
            if (next != null) {
                last(() -> next.sent(this, failure));
            }
        }
        last(() -> callEnd(cause));
    }

    /** Returns why bytes were lost. */
    private Throwable lost() {
        Throwable cause = cause();
        return cause == null ? new ClosedChannelException() : cause;
    }

    @Override
    final void drained() {
        call(ConnectionHandler::writable);
    }

    @Override
    public final boolean write(ByteBuffer source, SentHandler whenSent) {
        Objects.requireNonNull(whenSent, "whenSent");
        checkThread();
        boolean accepted = accepts();
        boolean more = write(source);
        if (accepted || phase == Phase.ENDED) {
            mark(whenSent, phase.isOver());
        } else {
            failSoon(whenSent);
        }
        return more;
    }

    @Override
    public final void whenSent(SentHandler handler) {
        Objects.requireNonNull(handler, "handler");
        checkThread();
        if (phase == Phase.DONE) {
            failSoon(handler);
        } else {
            mark(handler, phase.isOver());
        }
    }

    /** Returns whether a write is sent rather than dropped. */
    boolean accepts() {
        return takesBytes();
    }

    /**
     * Adds a handler behind the bytes written so far.
     *
     * @param lost whether its bytes have been lost
     */
    public void mark(SentHandler handler, boolean lost) {
        output.mark(handler, lost, this);
        callSentSoon();
    }

    private void callSentSoon() {
        SentMarks marks = output.marks();
        if (marks != null && marks.needsTask()) {
            callSoon(this);
        }
    }

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
            called.sent(this, failure);
        } catch (Exception | Error e) {
            if (phase == Phase.DONE) {
                throw e;
            }
            callFailed(e);
        }
    }

    @Override
    public final boolean isWritable() {
        return phase == Phase.OPEN && accepts() && !output.isFull();
    }

    @Override
    public long pendingBytes() {
        return output.bytes();
    }

    @Override
    public final void pauseReading() {
        checkThread();
        input.pause(true);
        settle();
    }

    @Override
    public void resumeReading() {
        checkThread();
        input.pause(false);
        settle();
    }

    @Override
    public void shutdownOutput() {
        checkThread();
        output.end();
        settle();
    }

    @Override
    public void close() {
        checkThread();
        beginClose();
    }

    final void beginClose() {
        if (!phase.isOpen()) {
            return;
        }
        phase = Phase.CLOSING;
        output.end();
        if (loop().isOpen()) {
            settle();
        } else {
            end(null, output.isPending());
        }
    }

    @Override
    public final void abort() {
        checkThread();
        end(null, true);
    }

    @Override
    public final boolean isOpen() {
        return phase.isOpen();
    }

    @Override
    final void loopClosed() throws Exception {
        boolean sent = phase == Phase.CLOSING && output.isEnded();
        end(sent ? null : new IOException(this + " was aborted: its loop was closed"), false);
        makeLastCall();
    }

    @Override
    public final Uloop loop() {
        return channel.loop();
    }

    @Override
    public final @Nullable SocketAddress localAddress() throws IOException {
        return channel.getLocalAddress();
    }

    @Override
    public final @Nullable SocketAddress remoteAddress() throws IOException {
        return channel.getRemoteAddress();
    }

    @Override
    public final <T> void setOption(SocketOption<T> option, T value) throws IOException {
        channel.setOption(option, value);
    }

    /** Throws {@link IllegalStateException} on a thread other than the loop's. */
    final void checkThread() {
        loop().checkThread();
    }

    @Override
    public String toString() {
        String state = phase.isOver() ? ", closed" : phase == Phase.CLOSING ? ", closing" : "";
        return "Connection[fd=" + fd + ", pending=" + pendingBytes() + state + ']';
    }
}
