package io.uloop.connection.frames;

import io.uloop.connection.Connection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Handles a connection line by line, as strings in UTF-8.
 *
 * <pre>{@code
 * Lines lines = Lines.upTo(300);
 * LineHandler greet =
 *         (connection, name) -> {
 *             lines.write(connection, "Hello, " + name);
 *         };
 * listener.register(
 *         Connection.acceptor(ConnectionOptions.DEFAULTS, () -> lines.handler(greet)));
 * }</pre>
 *
 * @since 0.1
 */
public interface LineHandler extends FrameHandler {
    /**
     * Called for each line.
     *
     * @param connection the connection
     * @param line the line without its end. Bytes that are not UTF-8 are replaced by U+FFFD; handle
     *     {@link #frame} instead for other charsets, or to reject them
     * @throws Exception aborts the connection
     */
    void line(Connection connection, String line) throws Exception;

    @Override
    default void frame(Connection connection, ByteBuffer frame) throws Exception {
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        line(connection, new String(bytes, StandardCharsets.UTF_8));
    }
}
