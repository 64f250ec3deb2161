package io.uloop.connection;

import io.uloop.ClosedLoopException;
import io.uloop.Uloop;
import io.uloop.net.StreamChannel;
import io.uloop.net.TcpChannel;
import io.uloop.poller.ClosedPollerException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
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

    @Override
    final void drained() {
        call(ConnectionHandler::writable);
    }

    @Override
    public boolean isWritable() {
        return phase == Phase.OPEN && output.isOpen() && !output.isFull();
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
