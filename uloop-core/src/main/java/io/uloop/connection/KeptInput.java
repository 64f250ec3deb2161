package io.uloop.connection;

import io.uloop.LoopTask;
import io.uloop.memory.BufferShare;
import io.uloop.memory.Collected;
import io.uloop.memory.LoopBuffers;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Input that a handler has not taken because it paused reading: bytes, and possibly the end of the
 * stream. It is delivered by a task after reading has resumed, before anything else is read.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class KeptInput {
    private enum State {
        /** There is nothing to deliver, or the handler must resume first. */
        WAITING,
        /** A task will deliver. */
        RESUMED,
        /** The handler is being called. */
        DELIVERING
    }

    private final LoopTask delivery;
    private final Collected bytes;
    private State state = State.WAITING;
    private boolean queued;
    private boolean end;
    private boolean keptAgain;

    /**
     * Creates an empty object.
     *
     * @param delivery the task that delivers what is kept
     */
    KeptInput(LoopBuffers buffers, BufferShare share, LoopTask delivery) {
        this.delivery = delivery;
        bytes = new Collected(buffers, share);
    }

    LoopTask delivery() {
        return delivery;
    }

    /** Returns whether there is something to deliver before more is read. */
    boolean isPending() {
        return state != State.DELIVERING && (end || !bytes.isEmpty());
    }

    /** Keeps the rest of a buffer, which may be that of {@link #begin}. */
    void keep(ByteBuffer rest) throws IOException {
        if (state == State.DELIVERING && !bytes.isEmpty()) {
            keptAgain = true;
        } else {
            bytes.add(rest, rest.remaining(), rest.remaining());
        }
    }

    /** Keeps the end of the stream behind the bytes. */
    void keepEnd() {
        end = true;
    }

    /** Records that reading is paused. */
    void pause() {
        if (state == State.RESUMED) {
            state = State.WAITING;
        }
    }

    /** Records that reading resumes. Returns whether the {@link #delivery} must be queued. */
    boolean resume() {
        state = State.RESUMED;
        boolean needed = !queued;
        queued = true;
        return needed;
    }

    /** Begins a delivery. Returns false if reading has been paused again. */
    boolean begin() {
        queued = false;
        if (state != State.RESUMED) {
            return false;
        }
        state = State.DELIVERING;
        keptAgain = false;
        return true;
    }

    boolean hasBytes() {
        return !bytes.isEmpty();
    }

    /** Returns the bytes, valid until {@link #finish} or {@link #drop}. */
    ByteBuffer bytes() {
        return bytes.bytes();
    }

    /** Returns whether the end of the stream is kept, and does not keep it any longer. */
    boolean takeEnd() {
        boolean was = end;
        end = false;
        return was;
    }

    /** Finishes a delivery. Keeps what the handler has kept again. */
    void finish() {
        state = State.WAITING;
        if (!keptAgain) {
            bytes.clear();
        }
    }

    /** Discards everything. During a delivery, {@link #finish} does. */
    void drop() {
        end = false;
        keptAgain = false;
        if (state != State.DELIVERING) {
            bytes.clear();
        }
    }
}
