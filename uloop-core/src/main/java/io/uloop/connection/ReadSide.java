package io.uloop.connection;

import io.uloop.net.ByteStream;
import io.uloop.net.UnixChannel;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

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
    private boolean writeOnly; // only events tell that the peer is gone
    private boolean blind; // no event tells it
    private boolean lingers = true; // an orderly close waits for the peer's end

    /**
     * Creates a side with nothing to read.
     *
     * @param edge whether events are edge-triggered
     */
    ReadSide(boolean edge) {
        this.edge = edge;
    }

    /**
     * Records what the stream can do.
     *
     * @param readable whether it can be read
     * @param hints whether events report that the peer of a write-only stream is gone
     * @param halfClosable whether its outgoing direction can end alone
     */
    void prepare(boolean readable, boolean hints, boolean halfClosable) {
        writeOnly = !readable;
        blind = !readable && !hints;
        lingers = halfClosable;
    }

    /** Takes the bits of an event. Returns whether there is something to read. */
    boolean isReadable(int events) {
        if (writeOnly) {
            if ((events & (UEvent.HUP | UEvent.ERR | UEvent.NVAL)) != 0) {
                source = Source.READABLE; // its end
            }
            return source == Source.READABLE;
        }
        if ((events & (UEvent.IN | MORE)) == 0) {
            return false;
        }
        untilItBlocks |= edge && (events & MORE) != 0;
        expectBytes();
        return true;
    }

    /** Assumes that bytes may have arrived. */
    void expectBytes() {
        if (source == Source.DRAINED && !writeOnly) {
            source = Source.READABLE;
        }
    }

    /** Returns whether to read now. */
    boolean mayRead(Phase phase) {
        return source == Source.READABLE && isWanted(phase);
    }

    /** Returns the level-triggered interest. */
    int interest(Phase phase) {
        return isWanted(phase) && !blind ? UEvent.IN : UEvent.NONE;
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

    /**
     * Reads once.
     *
     * @param passing receives descriptors; null if they are not wanted
     */
    Outcome read(ByteStream channel, ByteBuffer target, @Nullable Passing passing)
            throws IOException {
        int count;
        if (writeOnly) {
            count = -1;
        } else if (passing != null && channel instanceof UnixChannel socket) {
            count = passing.read(socket, target);
        } else {
            count = channel.read(target);
        }
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

    /** Returns whether nothing more is expected from the peer. */
    boolean isOver(Phase phase) {
        return isEnded() || (!lingers && (phase == Phase.CLOSING || writeOnly));
    }

    boolean isEdgeTriggered() {
        return edge;
    }
}
