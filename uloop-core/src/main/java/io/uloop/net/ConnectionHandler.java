package io.uloop.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What one connection calls, on its loop's thread, never one call inside another. A connection that
 * comes about is {@link #opened} first and {@link #closed} last, each once; of one that does not,
 * {@link #openFailed} is all.
 *
 * <p>Every call may write, pause, close and abort. One that throws aborts the connection: the peer
 * sees a reset and not a regular end, {@link #closed} gets what was thrown, and an {@link
 * Exception} is then logged and goes to the loop's {@link io.uloop.ErrorHandler}. So do an {@link
 * OutOfMemoryError} and a {@link StackOverflowError}, as the cause of a {@link
 * java.util.concurrent.ExecutionException}. Other connections are not concerned. Any other {@link
 * Error} also ends the loop.
 */
public interface ConnectionHandler {
    /**
     * The connection can be used; with TLS its handshake is over.
     *
     * @param connection the connection
     * @throws Exception aborts it
     */
    default void opened(Connection connection) throws Exception {}

    /**
     * The connection did not come about: it could not be connected or watched, or the TLS handshake
     * failed. By default this is logged as a WARNING of {@code io.uloop.net}, one line each and at
     * most three in thirty seconds, followed by a line with the number of the others. The stack
     * traces are at DEBUG.
     *
     * @param cause what went wrong; several addresses that failed are its suppressed exceptions
     */
    default void openFailed(IOException cause) {
        SocketConnection.FAILED_TO_OPEN.log(() -> "cannot open a connection: " + cause, cause);
    }

    /**
     * Bytes have come.
     *
     * @param connection the connection
     * @param data the bytes, 1 or more, big-endian; valid during this call only and then used for
     *     other connections, so copy what you keep: what is left in it does not come again
     * @throws Exception aborts the connection
     */
    void received(Connection connection, ByteBuffer data) throws Exception;

    /**
     * Writing may go on: {@link Connection#isWritable} was false and is true again.
     *
     * @param connection the connection
     * @throws Exception aborts the connection
     */
    default void writable(Connection connection) throws Exception {}

    /**
     * The peer has ended its direction and {@link #received} is not called again; the other
     * direction still works. By default the connection is closed.
     *
     * @param connection the connection
     * @throws Exception aborts the connection
     */
    default void inputClosed(Connection connection) throws Exception {
        connection.close();
    }

    /**
     * The connection is gone; the last call. It comes in the turn after the end, so that closing
     * connections while walking through a collection of them does no harm.
     *
     * @param connection the connection
     * @param cause null after {@link Connection#close}, {@link Connection#abort} or when both
     *     directions were ended; otherwise what ended it: an {@link IOException} with ECONNRESET,
     *     EPIPE or ETIMEDOUT, a {@link java.net.SocketTimeoutException} for a timeout of {@link
     *     ConnectionOptions}, a {@link javax.net.ssl.SSLException}, an {@link OutOfMemoryError},
     *     the close of its loop, or what this handler threw
     * @throws Exception is logged and goes to the loop's {@link io.uloop.ErrorHandler}
     */
    default void closed(Connection connection, @Nullable Throwable cause) throws Exception {}
}
