package io.uloop.connection.frames;

import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionEvents;
import java.nio.ByteBuffer;

/**
 * Handles a connection frame by frame. {@link Framing#handler} makes a handler for a connection of
 * it. {@link LineHandler} handles lines as strings.
 *
 * <p>Every method may write, pause, close and abort, as those of {@link
 * io.uloop.connection.ConnectionHandler}. No frame is delivered while reading is paused or after
 * the connection is closed. One object may handle several connections.
 *
 * @since 0.1
 */
public interface FrameHandler extends ConnectionEvents {
    /**
     * Called for each frame. The buffer holds the frame from its position to its limit, without the
     * length or the end of the line, and the position may be greater than 0. Often it is the
     * receive buffer itself, so do not touch the bytes outside of the frame.
     *
     * @param connection the connection
     * @param frame the frame, 0 bytes or more, big-endian. It is valid only during this call, so
     *     copy the bytes to keep. It does not matter how many bytes are left in it
     * @throws Exception aborts the connection
     */
    void frame(Connection connection, ByteBuffer frame) throws Exception;
}
