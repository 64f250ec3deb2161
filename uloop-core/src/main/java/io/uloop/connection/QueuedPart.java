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

    /** Returns the number of bytes that are still to be sent. */
    abstract long bytes();

    /**
     * Sends some of the bytes. Returns how many; 0 if the stream takes no more.
     *
     * @throws IOException if the part cannot be sent completely
     */
    abstract long send(ByteStream stream) throws IOException;

    /** Copies some of the bytes into a buffer. Returns how many. */
    abstract int copy(ByteBuffer target) throws IOException;
}
