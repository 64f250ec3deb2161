package io.uloop.connection;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Handles the events of a connection other than its bytes: the common part of {@link
 * ConnectionHandler} and of handlers of whole messages, such as {@code FrameHandler} of {@code
 * io.uloop.connection.frames}. The rules are those of {@link ConnectionHandler}.
 *
 * @since 0.1
 */
public interface ConnectionEvents {
    /**
     * Called when the connection is ready for use; with TLS, after the handshake.
     *
     * @param connection the connection
     * @throws Exception aborts the connection
     */
    default void opened(Connection connection) throws Exception {}

    /**
     * Called when TLS that {@link Connection#startTls} has started is ready. {@link #writable}
     * follows.
     *
     * @param connection the connection
     * @throws Exception aborts the connection
     */
    default void secured(Connection connection) throws Exception {}

    /**
     * Called when the connection cannot be opened: the connect, the registration or the TLS
     * handshake failed. By default, the failure is logged as a WARNING of {@code
     * io.uloop.connection}. At most three lines are logged in thirty seconds, followed by a line
     * with the number of the suppressed ones. Stack traces are logged at DEBUG.
     *
     * @param cause the failure; failures of several addresses are its suppressed exceptions
     */
    default void openFailed(IOException cause) {
        OpenFailures.LOG.log(() -> "cannot open a connection: " + cause, cause);
    }

    /**
     * Called when the peer of a unix-domain connection has passed file descriptors, directly before
     * {@link ConnectionHandler#received} is called with the bytes that they came with. That call
     * may start with earlier bytes. By default, closes the descriptors.
     *
     * @param connection the connection
     * @param descriptors 1 or more, of the loop's {@link io.uloop.Uloop#descriptors}. The handler
     *     must close them, even if it throws. They block or not as the peer's do
     * @throws Exception aborts the connection
     * @see ConnectionOptions.Builder#receiveDescriptors
     */
    default void receivedDescriptors(Connection connection, int[] descriptors) throws Exception {
        Passing.close(connection.loop().descriptors(), descriptors);
    }

    /**
     * Called when {@link Connection#isWritable} becomes true again.
     *
     * @param connection the connection
     * @throws Exception aborts the connection
     */
    default void writable(Connection connection) throws Exception {}

    /**
     * Called at the end of the stream, after the last {@link ConnectionHandler#received}. The
     * output is still open. By default, closes the connection.
     *
     * @param connection the connection
     * @throws Exception aborts the connection
     */
    default void inputClosed(Connection connection) throws Exception {
        connection.close();
    }

    /**
     * Called last, when the connection has ended. The call comes in the turn after the end, so a
     * program can close connections while it iterates over them.
     *
     * @param connection the connection
     * @param cause null after {@link Connection#close}, {@link Connection#abort} or when both
     *     directions were ended; otherwise the reason: an {@link IOException} with ECONNRESET,
     *     EPIPE or ETIMEDOUT, a {@link java.net.SocketTimeoutException} for a timeout of {@link
     *     ConnectionOptions}, a {@link javax.net.ssl.SSLException}, an {@link OutOfMemoryError},
     *     the close of its loop, or the exception that this handler threw
     * @throws Exception is logged and passed to the loop's {@link io.uloop.ErrorHandler}
     */
    default void closed(Connection connection, @Nullable Throwable cause) throws Exception {}
}
