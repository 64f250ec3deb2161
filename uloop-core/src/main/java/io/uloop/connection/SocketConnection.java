package io.uloop.connection;

import io.uloop.ClosedLoopException;
import io.uloop.EventHandler;
import io.uloop.LoopTask;
import io.uloop.Uloop;
import io.uloop.memory.BufferShare;
import io.uloop.net.StreamChannel;
import io.uloop.net.TcpChannel;
import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The part that plain and TLS connections share. It has a {@link Phase} and two sides. The sides
 * report what they see, and {@link #settle} decides what follows: the interest, the deadlines and
 * the end.
 *
 * <p>With edge-triggered events, a connection registers once for everything, and its sides remember
 * unused readiness. Otherwise it changes the interest to the current needs.
 */
abstract sealed class SocketConnection extends LoopMember
        implements Connection, EventHandler, LoopTask, BufferShare.Owner
        permits PlainConnection, TlsConnection {
    /** Bounds the reads of one connection, so that a fast sender does not starve the others. */
    private static final int READS_PER_TURN = 4;

    final ConnectionHandler handler;
    final ReadSide input;
    final WriteSide output;
    Phase phase;

    private final StreamChannel channel;
    private final int fd; // for messages, even if the channel is closed
    private int interest;
    private @Nullable Deadlines deadlines; // null while no timeout can occur
    private @Nullable Ending ending; // null while there is nothing to tell

    SocketConnection(
            StreamChannel channel,
            ConnectionOptions options,
            ConnectionHandler handler,
            Phase first) {
        this.channel = channel;
        this.handler = handler;
        fd = channel.fd();
        phase = first;
        // A read of a unix-domain socket is short at passed descriptors. No edge reports the bytes
        // after them, so these sockets use level-triggered events.
        interest =
                channel instanceof TcpChannel
                        ? StreamChannel.interestOn(channel.loop())
                        : UEvent.IN;
        input = new ReadSide((interest & UEvent.EDGE) != 0);
        output = new WriteSide(Shared.of(channel.loop(), options));
    }

    // What plain and TLS connections do differently. Called on the loop's thread.

    /** Starts to use the registered channel. */
    abstract void started();

    /** Handles bytes of the peer. */
    abstract void arrived(ByteBuffer data);

    /** Handles the end of the peer's stream. */
    abstract void inputEnded();

    /** Releases the memory that this connection holds, when it ends. */
    abstract void release();

    /** Calls the handler for the last time. */
    abstract void callLast(@Nullable Throwable cause) throws Exception;

    // The beginning

    /** Registers the connection with its loop and calls the handler. */
    final void start() {
        checkThread();
        try {
            LoopMembers.of(loop()).join(this);
            if (shared().options.noDelay() && channel instanceof TcpChannel) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            channel.register(interest, this);
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

    // Input

    @Override
    public final void processEvent(int fd, int events) {
        Deadlines timeouts = deadlines;
        if (timeouts != null) {
            timeouts.eventBegins();
        }
        try {
            if ((events & UEvent.OUT) != 0) {
                flush();
            }
            if (input.isReadable(events)) {
                readAvailable();
            }
        } catch (VirtualMachineError e) {
            contain(e);
        } finally {
            if (timeouts != null) {
                timeouts.eventEnds();
            }
        }
    }

    /** Handles what an event might have reported by now. */
    final void catchUp() {
        try {
            flush();
            input.expectBytes();
            readAvailable();
        } catch (VirtualMachineError e) {
            contain(e);
        }
    }

    /** Continues to read, as a task. */
    @Override
    public final void run() {
        input.taskRuns();
        try {
            readAvailable();
        } catch (VirtualMachineError e) {
            contain(e);
        }
    }

    private void readAvailable() {
        for (int reads = 0; reads < READS_PER_TURN && input.mayRead(phase); reads++) {
            ByteBuffer target = shared().buffers.receive();
            ReadSide.Outcome outcome;
            try {
                outcome = input.read(channel, target);
            } catch (IOException | RuntimeException | Error e) {
                fail(e);
                return;
            }
            if (outcome == ReadSide.Outcome.BYTES) {
                if (deadlines != null) {
                    deadlines.moved();
                }
                if (phase != Phase.CLOSING) {
                    arrived(target.flip());
                }
            } else if (outcome == ReadSide.Outcome.END) {
                if (phase != Phase.CLOSING) {
                    inputEnded();
                }
                settle();
            }
        }
        if (input.needsTask(phase)) {
            callSoon(this);
        }
    }

    // Output

    /** Sends the bytes of a buffer, or drops them if the output is closed. */
    final void send(ByteBuffer source) {
        if (takesBytes()) {
            boolean wasPending = output.isPending();
            try {
                sent(output.send(channel, source, this), wasPending);
            } catch (IOException | RuntimeException | Error e) {
                fail(e);
            }
        }
        source.position(source.limit());
    }

    /** Sends the bytes of several buffers, or drops them if the output is closed. */
    final void send(ByteBuffer[] sources, int offset, int length) {
        if (takesBytes()) {
            boolean wasPending = output.isPending();
            try {
                sent(output.send(channel, sources, offset, length, this), wasPending);
            } catch (IOException | RuntimeException | Error e) {
                fail(e);
            }
        }
        for (int i = offset; i < offset + length; i++) {
            sources[i].position(sources[i].limit());
        }
    }

    private boolean takesBytes() {
        return output.isOpen() && !phase.isOver();
    }

    private void sent(long taken, boolean wasPending) {
        if (taken > 0 && deadlines != null) {
            deadlines.moved();
        }
        if (!wasPending && output.isPending()) {
            settle();
        }
    }

    private void flush() {
        if (!output.isPending()) {
            return;
        }
        boolean wasFull = output.isFull();
        try {
            if (output.flush(channel) > 0 && deadlines != null) {
                deadlines.taken();
            }
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
            return;
        }
        settle();
        if (wasFull && !output.isFull() && phase == Phase.OPEN && output.isOpen()) {
            call(ConnectionHandler::writable);
        }
    }

    @Override
    public boolean isWritable() {
        return phase == Phase.OPEN && output.isOpen() && !output.isFull();
    }

    @Override
    public long pendingBytes() {
        return output.bytes();
    }

    // Pauses and ends

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

    // Decisions

    /**
     * Decides what follows from the phase and the two sides: the end of the stream, the end of the
     * connection, the interest, a task that reads, and the timeouts.
     */
    final void settle() {
        if (phase.isOver() || (output.isEndDue() && !sendEnd())) {
            return;
        }
        if (input.isEnded() && output.isEnded()) {
            end(null, false);
            return;
        }
        if (!input.isEdgeTriggered()) {
            updateInterest();
        } else if (input.needsTask(phase)) {
            callSoon(this);
        }
        boolean pending = output.isPending();
        boolean closing = phase == Phase.CLOSING;
        if (deadlines == null && Deadlines.areNeeded(shared().options, pending, closing)) {
            deadlines = new Deadlines(loop(), shared().options, this::checkDeadlines);
        }
        if (deadlines != null) {
            deadlines.update(pending, closing);
        }
    }

    /** Sends the end of the stream. Returns false if that has ended the connection. */
    private boolean sendEnd() {
        try {
            output.sendEnd(channel);
            return true;
        } catch (IOException e) {
            fail(e);
            return false;
        }
    }

    private void updateInterest() {
        int wanted = input.interest(phase) | output.interest();
        if (wanted == interest || !loop().isOpen()) {
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

    private void checkDeadlines() {
        Deadlines timeouts = deadlines;
        if (timeouts == null) {
            return;
        }
        if (timeouts.isDue()) {
            // The loop may have been delayed, not the peer: bytes that have arrived count.
            catchUp();
        }
        if (phase.isOver()) {
            return;
        }
        Deadlines.Expiry expiry = timeouts.check();
        if (expiry == Deadlines.Expiry.PEER_OPEN) {
            end(null, false);
        } else if (expiry != Deadlines.Expiry.NONE) {
            end(new SocketTimeoutException(this + timeouts.describe(expiry)), output.isPending());
        }
    }

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
        if (reason instanceof OutOfMemoryError) {
            shared().budget.countEnded();
        }
        if (deadlines != null) {
            deadlines.cancel();
        }
        boolean lost = output.isPending();
        output.clear();
        release();
        try {
            if (reset || lost) {
                channel.reset();
            } else {
                channel.close();
            }
        } catch (IOException e) {
            blame(e);
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

    @Override
    public final void endForMemory(IOException failure) {
        end(failure, true);
    }

    @Override
    final void loopClosed() throws Exception {
        boolean sent = phase == Phase.CLOSING && output.isEnded();
        end(sent ? null : new IOException(this + " was aborted: its loop was closed"), false);
        makeLastCall();
    }

    // Calls of the handler, never one inside another

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

    /** Ends the connection after its handler has thrown. */
    final void callFailed(Throwable failure) {
        if (failure instanceof Error error && !Ending.isContained(error)) {
            end(failure, true);
            throw error;
        }
        ending().threw(failure);
        end(failure, true);
    }

    private void contain(VirtualMachineError failure) {
        if (!Ending.isContained(failure)) {
            throw failure;
        }
        callFailed(failure);
    }

    /** Sets the cause of an imminent end. The first reported cause wins. */
    final void blame(@Nullable Throwable reason) {
        if (reason != null) {
            ending().blame(reason);
        }
    }

    private Ending ending() {
        Ending known = ending;
        if (known == null) {
            known = new Ending();
            ending = known;
        }
        return known;
    }

    private void makeLastCall() throws Exception {
        if (phase == Phase.DONE) {
            return;
        }
        phase = Phase.DONE;
        leaveLoop();
        try {
            callLast(ending == null ? null : ending.cause());
        } catch (Exception | OutOfMemoryError | StackOverflowError e) {
            ending().threw(e);
        }
        if (ending != null) {
            ending.rethrow(this);
        }
    }

    /** Queues a task. Does nothing if the loop is closed, which ends this connection. */
    final void callSoon(LoopTask task) {
        try {
            loop().callSoon(task);
        } catch (ClosedLoopException e) {
            // loopClosed ends the connection instead.
        }
    }

    // The channel

    final Shared shared() {
        return output.shared();
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
