package io.uloop.connection;

import io.uloop.net.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Something in a {@link WriteQueue} between bytes.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
abstract class QueuedPart {
    /** The number of the segment that follows, counted by the queue. */
    int nextSegment;

    /** Returns the number of bytes of the part that are still to be sent. */
    abstract long bytes();

    /** Returns whether nothing is left to be sent. */
    abstract boolean isDone();

    /**
     * Sends some of the part. Returns the number of bytes; 0 if the stream takes no more.
     *
     * @param next the bytes behind the part, which it may send too; empty if there are none
     * @throws IOException if the part cannot be sent completely
     */
    abstract long send(ByteStream stream, ByteBuffer next) throws IOException;

    /** Copies some of the bytes into a buffer. Returns how many. */
    abstract int copy(ByteBuffer target) throws IOException;

    /** Releases what the part holds. Idempotent. */
    abstract void drop();
}
