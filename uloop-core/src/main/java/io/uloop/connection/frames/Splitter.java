package io.uloop.connection.frames;

import java.net.ProtocolException;
import java.nio.ByteBuffer;

/**
 * Finds the frames in the bytes of one connection. It sees each byte once and does not keep it.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
abstract class Splitter {
    /** The end of the frame's bytes in the buffer of the last {@link #scan}. */
    int end;

    /** The start of the next frame in that buffer. */
    int next;

    /**
     * Looks at the next bytes of the current frame. Moves the position of the buffer to the first
     * byte that belongs to the frame, and sets {@link #end} and {@link #next}.
     *
     * @param data 1 byte or more, big-endian
     * @return whether the frame is complete
     * @throws ProtocolException if the peer violates the format
     */
    abstract boolean scan(ByteBuffer data) throws ProtocolException;

    /** Returns the number of bytes at the end of a complete frame that do not belong to it. */
    abstract int excess();

    /** Returns the most bytes that the current frame can have, with its {@link #excess}. */
    abstract int mostBytes();

    /** Returns whether a frame has begun and is not complete. */
    abstract boolean isInside();

    /** Completes the last frame at the end of the stream. Returns false if that is an error. */
    abstract boolean finish();

    /** Describes what has been received of an incomplete frame. */
    abstract String incomplete();
}
