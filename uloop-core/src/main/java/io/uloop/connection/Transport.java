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
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A channel with buffered output and timeouts. It has two sides, which report what they see, and
 * {@link #settle} decides what follows: the interest, the deadlines and the end.
 *
 * <p>With edge-triggered events, it registers once for everything, and its sides remember unused
 * readiness. Otherwise it changes the interest to the current needs.
 */
abstract class Transport extends ConnectionLife
        implements EventHandler, LoopTask, BufferShare.Owner {
    /** Bounds the reads of one connection, so that a fast sender does not starve the others. */
    private static final int READS_PER_TURN = 4;

    final StreamChannel channel;
    final ReadSide input;
    final WriteSide output;
    final int fd; // for messages, even if the channel is closed
    private int interest;
    private @Nullable Deadlines deadlines; // null while no timeout can occur

    Transport(StreamChannel channel, ConnectionOptions options, Phase first) {
        super(first);
        this.channel = channel;
        fd = channel.fd();
        // A read of a unix-domain socket is short at passed descriptors. No edge reports the bytes
        // after them, so these sockets use level-triggered events.
        interest =
                channel instanceof TcpChannel
                        ? StreamChannel.interestOn(channel.loop())
                        : UEvent.IN;
        input = new ReadSide((interest & UEvent.EDGE) != 0);
        output = new WriteSide(Shared.of(channel.loop(), options));
    }

    /** Handles bytes of the peer. */
    abstract void arrived(ByteBuffer data);

    /** Handles the end of the peer's stream. */
    abstract void inputEnded();

    /** Handles that pending bytes have drained to the low watermark. */
    abstract void drained();

    /** Releases the memory that this connection holds, when it ends. */
    abstract void release();

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
    public final void send(ByteBuffer source) {
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
            drained();
        }
    }

    // Decisions

    /**
     * Decides what follows from the phase and the two sides: the end of the stream, the end of the
     * connection, the interest, a task that reads, and the timeouts.
     */
    final void settle() {
        if (phase.isOver()) {
            return;
        }
        if (input.isEnded() && (output.isEnded() || output.isEndDue())) {
            end(null, false); // close(2) sends an end that is due
            return;
        }
        if (output.isEndDue() && !sendEnd()) {
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
            deadlines = new Deadlines(loop(), shared(), this::checkDeadlines);
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

    @Override
    final void closeChannel(boolean reset, boolean outOfMemory) {
        if (outOfMemory) {
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
        }
    }

    @Override
    public final void endForMemory(IOException failure) {
        end(failure, true);
    }

    @Override
    final void callSoon(LoopTask task) {
        try {
            loop().callSoon(task);
        } catch (ClosedLoopException e) {
            // loopClosed ends the connection instead.
        }
    }

    /** Registers the channel with its loop. */
    final void register() throws IOException {
        channel.register(interest, this);
    }

    final Shared shared() {
        return output.shared();
    }

    private Uloop loop() {
        return channel.loop();
    }
}
