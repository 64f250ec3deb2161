package io.uloop.connection;

import io.uloop.ClosedLoopException;
import io.uloop.EventHandler;
import io.uloop.LoopTask;
import io.uloop.Uloop;
import io.uloop.internal.LoopAccess;
import io.uloop.memory.BufferShare;
import io.uloop.net.StreamChannel;
import io.uloop.net.TcpChannel;
import io.uloop.observe.LimitedLog;
import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A plain connection. It has two halves, {@link ConnectionInput} and {@link ConnectionOutput}, and
 * manages their common life from the registration to the end.
 *
 * <p>With edge-triggered events, it registers once for everything, and the halves remember unused
 * readiness. Otherwise it changes the interest to the halves' current needs.
 */
final class SocketConnection extends LoopMember
        implements Connection, EventHandler, BufferShare.Owner {
    /** Limits the log of connections that failed to open, for handlers with the default method. */
    static final LimitedLog FAILED_TO_OPEN =
            new LimitedLog(
                    System.getLogger("io.uloop.connection"), System.Logger.Level.WARNING, 3, false);

    private final Uloop loop;
    private final StreamChannel channel;
    private final ConnectionOptions options;
    private final HandlerCalls calls;
    private final Deadlines deadlines;
    private final ConnectionInput input;
    private final ConnectionOutput output;
    private final BufferShare share;
    private final boolean edge;
    private final int fd; // for messages, even if the channel is closed

    private int interest;
    private boolean closing;
    private boolean gone;

    SocketConnection(StreamChannel channel, ConnectionOptions options, ConnectionHandler handler) {
        this.channel = channel;
        this.options = options;
        loop = channel.loop();
        fd = channel.fd();
        // A read of a unix-domain socket is short at passed descriptors. No edge reports the bytes
        // after them, so these sockets use level-triggered events.
        interest = channel instanceof TcpChannel ? StreamChannel.interestOn(loop) : UEvent.IN;
        edge = (interest & UEvent.EDGE) != 0;
        LoopBuffers buffers = LoopBuffers.of(loop);
        calls = new HandlerCalls(this, handler);
        deadlines = new Deadlines(this, options);
        share = new BufferShare(LoopAccess.of(loop).buffers(), this);
        input = new ConnectionInput(this, channel, calls, buffers, deadlines, edge);
        output =
                new ConnectionOutput(
                        this,
                        channel,
                        calls,
                        new WriteQueue(channel, buffers, share, options),
                        deadlines);
    }

    /** Registers the connection with its loop and calls the handler. */
    SocketConnection start() {
        checkThread();
        try {
            LoopMembers.of(loop).join(this);
            if (options.noDelay() && channel instanceof TcpChannel) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            channel.register(interest, this);
        } catch (IOException e) {
            return failToOpen(e);
        } catch (ClosedLoopException | ClosedPollerException e) {
            return failToOpen(new IOException("cannot open " + this + ": its loop is closed", e));
        }
        deadlines.start();
        calls.call(ConnectionHandler::opened);
        return this;
    }

    private SocketConnection failToOpen(IOException failure) {
        gone = true;
        closeAfter(channel, failure);
        calls.openFailed(failure);
        return this;
    }

    /** Closes a channel after a failure. If that fails too, adds a suppressed exception. */
    static void closeAfter(StreamChannel channel, Throwable failure) {
        try {
            channel.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    @Override
    void shutdownBegins() {
        calls.shutdownBegins();
    }

    @Override
    void loopClosed() throws Exception {
        boolean sent = closing && output.isFinished();
        end(sent ? null : new IOException(this + " was aborted: its loop was closed"), false);
        calls.run();
    }

    @Override
    public void processEvent(int fd, int events) {
        try {
            if ((events & UEvent.OUT) != 0) {
                output.flush();
            }
            input.onEvent(events);
        } catch (VirtualMachineError e) {
            calls.contain(e);
        }
    }

    /** Handles what an event might have reported by now. */
    void catchUp() {
        try {
            output.flush();
            input.catchUp();
        } catch (VirtualMachineError e) {
            calls.contain(e);
        }
    }

    @Override
    public boolean write(ByteBuffer source) {
        checkThread();
        if (takesBytes()) {
            output.write(source);
        }
        source.position(source.limit()); // dropped if the output is closed
        return isWritable();
    }

    @Override
    public boolean write(ByteBuffer[] sources, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, sources.length);
        checkThread();
        if (takesBytes()) {
            output.write(sources, offset, length);
        }
        for (int i = offset; i < offset + length; i++) {
            sources[i].position(sources[i].limit());
        }
        return isWritable();
    }

    private boolean takesBytes() {
        return !gone && !output.isEnded();
    }

    @Override
    public boolean isWritable() {
        return output.isWritable() && !gone;
    }

    @Override
    public long pendingBytes() {
        return output.pendingBytes();
    }

    @Override
    public void pauseReading() {
        checkThread();
        if (!closing) {
            input.pause();
        }
    }

    @Override
    public void resumeReading() {
        checkThread();
        input.resume();
    }

    @Override
    public void shutdownOutput() {
        checkThread();
        output.end();
    }

    @Override
    public void close() {
        checkThread();
        if (!isOpen()) {
            return;
        }
        closing = true;
        if (loop.isOpen()) {
            deadlines.closing();
            input.resume(); // to the end of the stream
        } else {
            end(null, output.pendingBytes() > 0);
        }
        output.end();
    }

    @Override
    public void abort() {
        checkThread();
        end(null, true);
        output.end();
    }

    @Override
    public boolean isOpen() {
        return !closing && !gone;
    }

    boolean isClosing() {
        return closing;
    }

    boolean isGone() {
        return gone;
    }

    /**
     * Ends the connection. This is the only way out: it deregisters, closes, and calls the handler
     * in the next turn. The peer gets a reset if requested or if bytes are lost, so that it does
     * not take a partial stream for a complete one.
     */
    void end(@Nullable Throwable reason, boolean reset) {
        if (gone) {
            return;
        }
        gone = true;
        blame(reason);
        if (reason instanceof OutOfMemoryError) {
            LoopAccess.of(loop).buffers().countEnded();
        }
        deadlines.cancel();
        boolean lost = output.pendingBytes() > 0;
        output.clear();
        share.close();
        try {
            if (reset || lost) {
                channel.reset();
            } else {
                channel.close();
            }
        } catch (IOException e) {
            blame(e);
        } finally {
            callSoon(calls);
        }
    }

    /**
     * Resets the connection after a failed read or write, because a part of the bytes may have
     * moved. Rethrows unless the peer or a lack of memory caused the failure.
     */
    void fail(Throwable failure) {
        end(failure, true);
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        if (failure instanceof Error error && !(failure instanceof OutOfMemoryError)) {
            throw error;
        }
    }

    @Override
    public void endForMemory(IOException failure) {
        end(failure, true);
    }

    BufferShare share() {
        return share;
    }

    void endIfBothHalvesHave() {
        if (input.isEnded() && output.isFinished()) {
            end(null, false);
        }
    }

    /** Sets the cause of an imminent end. The first reported cause wins. */
    void blame(@Nullable Throwable reason) {
        calls.blame(reason);
    }

    /** Calls the handler. If it throws, the connection is aborted. */
    void tell(HandlerCalls.Callback callback) {
        calls.call(callback);
    }

    /** Calls the handler in a later turn. Does nothing if the loop is closed. */
    void tellSoon(HandlerCalls.Callback callback) {
        callSoon(() -> calls.call(callback));
    }

    /** Queues a task. Does nothing if the loop is closed, which ends this connection. */
    void callSoon(LoopTask task) {
        try {
            loop.callSoon(task);
        } catch (ClosedLoopException e) {
            // loopClosed ends the connection instead.
        }
    }

    /** Registers the interest of the halves if it has changed. */
    void updateInterest() {
        int wanted = edge ? interest : input.interest() | output.interest();
        if (wanted == interest || gone || !loop.isOpen()) {
            return;
        }
        try {
            channel.modify(wanted);
            interest = wanted;
        } catch (ClosedPollerException e) {
            // The loop was closed meanwhile, and loopClosed ends this connection.
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
        }
    }

    @Override
    public Uloop loop() {
        return loop;
    }

    @Override
    public @Nullable SocketAddress localAddress() throws IOException {
        return channel.getLocalAddress();
    }

    @Override
    public @Nullable SocketAddress remoteAddress() throws IOException {
        return channel.getRemoteAddress();
    }

    @Override
    public <T> void setOption(SocketOption<T> option, T value) throws IOException {
        channel.setOption(option, value);
    }

    /** Throws {@link IllegalStateException} on a thread other than the loop's. */
    void checkThread() {
        loop.checkThread();
    }

    @Override
    public String toString() {
        String state = gone ? ", closed" : closing ? ", closing" : "";
        return "Connection[fd=" + fd + ", pending=" + pendingBytes() + state + ']';
    }
}
