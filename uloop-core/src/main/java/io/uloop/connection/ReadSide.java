package io.uloop.connection;

import io.uloop.net.StreamChannel;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The incoming side of a connection. It remembers readiness that no further event will report, and
 * why nothing is read.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class ReadSide {
    /** The result of one read. */
    enum Outcome {
        /** The buffer holds bytes. */
        BYTES,
        /** Nothing is available. */
        NOTHING,
        /** The peer has ended its direction. */
        END
    }

    private enum Source {
        DRAINED,
        READABLE,
        ENDED
    }

    /** With any of these, more may be available after a short read. */
    private static final int MORE =
            UEvent.PRI | UEvent.RDHUP | UEvent.HUP | UEvent.ERR | UEvent.NVAL;

    private final boolean edge;
    private Source source = Source.DRAINED;
    private boolean paused; // by the user
    private boolean held; // by tasks of a TLS handshake
    private boolean untilItBlocks; // edge-triggered: a short read no longer means drained
    private boolean queued; // a task will read

    /**
     * Creates a side with nothing to read.
     *
     * @param edge whether events are edge-triggered
     */
    ReadSide(boolean edge) {
        this.edge = edge;
    }

    /** Takes the bits of an event. Returns whether there is something to read. */
    boolean isReadable(int events) {
        if ((events & (UEvent.IN | MORE)) == 0) {
            return false;
        }
        untilItBlocks |= edge && (events & MORE) != 0;
        expectBytes();
        return true;
    }

    /** Assumes that bytes may have arrived. */
    void expectBytes() {
        if (source == Source.DRAINED) {
            source = Source.READABLE;
        }
    }

    /** Returns whether to read now. */
    boolean mayRead(Phase phase) {
        return source == Source.READABLE && isWanted(phase);
    }

    /** Returns the level-triggered interest. */
    int interest(Phase phase) {
        return isWanted(phase) ? UEvent.IN : UEvent.NONE;
    }

    private boolean isWanted(Phase phase) {
        return source != Source.ENDED
                && switch (phase) {
                    case HANDSHAKING -> !held;
                    case OPEN -> !paused && !held;
                    case CLOSING -> true; // to the end of the stream
                    case ENDED, DONE -> false;
                };
    }

    Outcome read(StreamChannel channel, ByteBuffer target) throws IOException {
        int count = channel.read(target);
        if (count < 0) {
            source = Source.ENDED;
            return Outcome.END;
        }
        boolean more = count > 0 && (untilItBlocks || !target.hasRemaining());
        source = more ? Source.READABLE : Source.DRAINED;
        return count > 0 ? Outcome.BYTES : Outcome.NOTHING;
    }

    /**
     * Returns whether a task must be queued to continue reading. Level-triggered registrations get
     * another event instead.
     */
    boolean needsTask(Phase phase) {
        if (!edge || queued || !mayRead(phase)) {
            return false;
        }
        queued = true;
        return true;
    }

    /** Records that the queued task runs. */
    void taskRuns() {
        queued = false;
    }

    void pause(boolean pause) {
        paused = pause;
    }

    boolean isPaused() {
        return paused;
    }

    void hold(boolean hold) {
        held = hold;
    }

    boolean isEnded() {
        return source == Source.ENDED;
    }

    boolean isEdgeTriggered() {
        return edge;
    }
}
