package io.uloop.connection;

import io.uloop.ClosedLoopException;
import io.uloop.EventHandler;
import io.uloop.LoopTask;
import io.uloop.Uloop;
import io.uloop.memory.BufferShare;
import io.uloop.net.ByteStream;
import io.uloop.net.StreamChannel;
import io.uloop.net.TcpChannel;
import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;

/**
 * A channel with buffered output and timeouts. It has two sides, which report what they see, and
 * {@link #settle} decides what follows: the interest, the deadlines and the end.
 *
 * <p>With edge-triggered events, it registers once for everything, and its sides remember unused
 * readiness. Otherwise it changes the interest to the current needs.
 */
abstract class Transport extends TimedLife implements EventHandler, LoopTask, BufferShare.Owner {
    /** Bounds the reads of one connection, so that a fast sender does not starve the others. */
    private static final int READS_PER_TURN = 4;

    final ByteStream channel;
    final ReadSide input;
    final WriteSide output;
    final int fd; // for messages, even if the channel is closed
    private int interest;

    Transport(ByteStream channel, ConnectionOptions options, Phase first) {
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

    /** Handles the descriptors that came with the next bytes. */
    abstract void takePassed();

    /** Handles bytes of the peer. */
    abstract void arrived(ByteBuffer data);

    /** Handles the end of the peer's stream. */
    abstract void inputEnded();

    /** Handles that pending bytes have drained to the low watermark. */
    abstract void drained();

    /** Calls the handlers of writes whose bytes have been sent. */
    abstract void callSent();

    /** Releases the memory that this connection holds, when it ends. */
    abstract void release();

    // Input

    @Override
    public final void processEvent(int fd, int events) {
        eventBegins();
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
            eventEnds();
        }
    }

    @Override
    final void catchUp() {
        try {
            flush();
            input.expectBytes();
            readAvailable();
        } catch (VirtualMachineError e) {
            contain(e);
        }
    }

    /** Continues as a task: writes, calls handlers of writes, and reads. */
    @Override
    public final void run() {
        input.taskRuns();
        try {
            if (output.taskRuns()) {
                flush();
            }
            callSent();
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
                outcome = input.read(channel, target, shared().passing);
            } catch (IOException | RuntimeException | Error e) {
                fail(e);
                return;
            }
            if (outcome == ReadSide.Outcome.BYTES) {
                moved();
                takePassed();
                if (phase.isOpen()) {
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

    /** Sends a part behind the bytes, or drops it if the output is closed. */
    final void send(QueuedPart part) {
        if (takesBytes()) {
            boolean wasPending = output.isPending();
            try {
                sent(output.send(channel, part, this), wasPending);
            } catch (IOException | RuntimeException | Error e) {
                fail(e);
            }
        }
    }

    /** Returns whether bytes are sent rather than dropped. */
    final boolean takesBytes() {
        return output.isOpen() && !phase.isOver();
    }

    final void sent(long taken, boolean wasPending) {
        if (taken > 0) {
            moved();
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
            if (output.flush(channel) > 0) {
                taken();
            }
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
            return;
        }
        settle();
        callSent();
        if (wasFull && !output.isFull() && takesBytes()) {
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
        if (input.isOver(phase) && (output.isEnded() || output.isEndDue())) {
            end(null, false); // close(2) sends an end that is due
            return;
        }
        if (output.isEndDue() && !sendEnd()) {
            return;
        }
        if (!input.isEdgeTriggered()) {
            updateInterest();
        } else if (input.needsTask(phase) || output.needsTask()) {
            callSoon(this);
        }
        updateDeadlines(loop());
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

    @Override
    final void closeChannel(boolean reset, boolean outOfMemory) {
        if (outOfMemory) {
            shared().budget.countEnded();
        }
        cancelDeadlines();
        boolean lost = isPending();
        release(); // first: what TLS kept follows bytes that are still pending, and is lost too
        output.clear();
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
            loop().checkThread();
            loop().post(task);
        } catch (ClosedLoopException | RejectedExecutionException e) {
            // loopClosed ends the connection instead.
        }
    }

    /** Registers the channel with its loop. */
    final void register() throws IOException {
        int directions = channel.directions();
        boolean hints = (loop().provider().supportedEvents() & UEvent.ERR) != 0;
        input.prepare((directions & UEvent.IN) != 0, hints, channel.canHalfClose());
        if ((directions & UEvent.OUT) == 0) {
            output.neverOpen();
        }
        if (!input.isEdgeTriggered()) {
            interest = input.interest(phase);
        }
        channel.register(interest, this);
    }

    @Override
    final Shared shared() {
        return output.shared();
    }

    /** {@return the loop of this connection} */
    public final Uloop loop() {
        return channel.loop();
    }

    /** Lets an idle run end although this connection is open. */
    public final void unref() {
        channel.unref();
    }

    /** Reverts {@link #unref}. */
    public final void ref() {
        channel.ref();
    }

    /** {@return whether this connection keeps an idle run waiting while it is open} */
    public final boolean hasRef() {
        return channel.hasRef();
    }
}
