package io.uloop.fiber;

import java.nio.ByteBuffer;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.atomic.MpmcAtomicArrayQueue;

/**
 * Direct buffers through which the bytes of heap buffers pass. An operation takes one for a single
 * system call and not while it waits, so there are as many as threads and not as many as fibers.
 * Thread-safe.
 */
final class IoBuffers {
    /** The capacity of each buffer. */
    static final int BYTES = 64 * 1024;

    private static final int KEPT = 64;

    private final MessagePassingQueue<ByteBuffer> kept = new MpmcAtomicArrayQueue<>(KEPT);

    /** Returns an empty buffer, which the caller gives back. */
    ByteBuffer take() {
        ByteBuffer buffer = kept.relaxedPoll();
        return buffer == null ? ByteBuffer.allocateDirect(BYTES) : buffer.clear();
    }

    void give(ByteBuffer buffer) {
        kept.relaxedOffer(buffer);
    }
}
