package io.uloop.connection;

import java.nio.ByteBuffer;

/**
 * Handles the events of a connection. Methods are called on the loop's thread and are never nested.
 * A connection that opens calls {@link #opened} first and {@link #closed} last, each once. A
 * connection that fails to open calls only {@link #openFailed}.
 *
 * <pre>{@code
 * class EchoHandler implements ConnectionHandler {
 *     @Override
 *     public void received(Connection connection, ByteBuffer data) {
 *         if (!connection.write(data)) {
 *             connection.pauseReading();
 *         }
 *     }
 *
 *     @Override
 *     public void writable(Connection connection) {
 *         connection.resumeReading();
 *     }
 * }
 * }</pre>
 *
 * <p>Every method may write, pause, close and abort. If a method throws, the connection is aborted:
 * the peer sees a reset instead of a regular end, and {@link #closed} gets the exception. An {@link
 * Exception} is then logged and passed to the loop's {@link io.uloop.ErrorHandler}. An {@link
 * OutOfMemoryError} or a {@link StackOverflowError} is treated likewise, as the cause of a {@link
 * java.util.concurrent.ExecutionException}. Other connections are not affected. Any other {@link
 * Error} also ends the loop.
 *
 * @since 0.1
 */
public interface ConnectionHandler extends ConnectionEvents {
    /**
     * Called when bytes have been received.
     *
     * @param connection the connection
     * @param data the bytes, 1 or more, big-endian. The buffer is valid only during this call and
     *     is reused for other connections, so copy the bytes to keep. Bytes left in it are not
     *     delivered again
     * @throws Exception aborts the connection
     */
    void received(Connection connection, ByteBuffer data) throws Exception;
}
