package io.uloop.connection.frames;

import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A format of frames on a stream of bytes: {@link Lines} or {@link LengthPrefix}. It has a limit
 * for the frames that a peer sends.
 *
 * <p>A frame that is complete in the receive buffer is not copied. The bytes of others are
 * collected in memory that grows with what has arrived, not with a length that the peer has only
 * announced, and that counts against {@link io.uloop.UloopBuilder#bufferBudget}.
 *
 * <p>A peer that violates the format resets the connection, and {@link FrameHandler#closed} gets
 * the cause. It is a {@link java.net.ProtocolException} with the limit and the length if a frame is
 * too long, and an {@link java.io.EOFException} if the stream ends inside a frame.
 *
 * <p>Thread-safe: the objects are immutable.
 *
 * @since 0.1
 */
public abstract sealed class Framing permits Lines, LengthPrefix {
    private final int maxBytes;

    Framing(int maxBytes) {
        if (maxBytes < 0) {
            throw new IllegalArgumentException("the limit of a frame is negative: " + maxBytes);
        }
        this.maxBytes = maxBytes;
    }

    /** {@return the greatest number of bytes, 0 or more, that a received frame may have} */
    public final int maxBytes() {
        return maxBytes;
    }

    /**
     * Returns a handler that divides the bytes of one connection into frames. It holds an
     * incomplete frame, so each connection needs a new one. It works on every stream, also over
     * TLS.
     *
     * <p>To call {@link Connection#startTls} in {@link FrameHandler#frame}, pass an empty buffer.
     * The bytes behind the frame become the start of the handshake. If it is called later, reading
     * must have been paused in that frame.
     *
     * @param handler handles the frames and the other events; may be shared by connections
     * @return a handler for one connection
     */
    public final ConnectionHandler handler(FrameHandler handler) {
        return new FramedHandler(Objects.requireNonNull(handler, "handler"), splitter());
    }

    /**
     * Sends a frame as {@link Connection#write(ByteBuffer[], int, int)} does. The bytes are not
     * copied, unless they must wait. The {@link #maxBytes} do not apply.
     *
     * @param connection the connection
     * @param frame holds the bytes, 0 or more; empty afterwards
     * @return {@link Connection#isWritable}
     * @throws IllegalArgumentException if the format cannot represent the frame; nothing is sent
     */
    public abstract boolean write(Connection connection, ByteBuffer frame);

    /** Returns an object that finds the frames of one connection. */
    abstract Splitter splitter();
}
