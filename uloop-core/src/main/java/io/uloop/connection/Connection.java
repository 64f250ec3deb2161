package io.uloop.connection;

import io.uloop.Uloop;
import io.uloop.net.AcceptHandler;
import io.uloop.net.ByteStream;
import io.uloop.net.Listener;
import io.uloop.net.StreamChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A stream connection with buffered writes, back-pressure, timeouts and an orderly close. It calls
 * a {@link ConnectionHandler} and is either plain or TLS behind the same methods.
 *
 * <pre>{@code
 * ConnectionOptions options =
 *         ConnectionOptions.builder().idleTimeout(Duration.ofMinutes(5)).build();
 * listener.register(Connection.acceptor(options, EchoHandler::new));
 * }</pre>
 *
 * <p>Not thread-safe: call from the loop's thread. While no thread runs the loop, any one thread
 * may call. Calls from other threads throw {@link IllegalStateException}; hand work over with
 * {@link Uloop#execute}. {@link #loop} is thread-safe.
 *
 * <p>A loop that is closed ends its connections after its last turn. Pending bytes are lost, which
 * resets the connection, and {@link ConnectionHandler#closed} gets the cause.
 *
 * @since 0.1
 */
public sealed interface Connection permits CallingConnection {
    /**
     * Opens a connection on a connected socket, a pipe, FIFO, terminal or another stream of bytes.
     * {@link ConnectionHandler#opened} is called before this returns on a plain connection, and
     * after the handshake on a TLS connection.
     *
     * <pre>{@code
     * int line = NativeDescriptors.of(loop.provider()).open(path, READ, WRITE);
     * Connection.open(PipeChannel.adopt(loop, line), options, handler);
     * }</pre>
     *
     * <p>A stream that is not a socket has no addresses and options. If it has one direction, the
     * other counts as ended from the start: writes to a source are dropped, and {@link
     * ConnectionHandler#inputClosed} of a sink reports that its reader is gone. Such a stream, and
     * a terminal, cannot be half-closed. So {@link #close} ends it when the pending bytes have been
     * sent.
     *
     * @param channel a connected stream that is not registered; the connection owns it from now on,
     *     even if this call fails
     * @param options the options; {@link ConnectionOptions.Builder#tls} selects TLS
     * @param handler handles the connection, including {@link ConnectionHandler#openFailed}
     * @return the connection
     */
    static Connection open(
            ByteStream channel, ConnectionOptions options, ConnectionHandler handler) {
        Objects.requireNonNull(handler, "handler");
        try {
            SocketConnection connection = new SocketConnection(channel, options, handler);
            connection.start();
            return connection;
        } catch (RuntimeException | Error e) {
            SocketConnection.closeAfter(channel, e);
            throw e;
        }
    }

    /**
     * Returns an accept handler that opens a connection on each accepted channel. For example,
     * {@code listener.register(Connection.acceptor(options, EchoHandler::new))}.
     *
     * @param options as for {@link #open}
     * @param handlers supplies the handler of each connection; may return the same handler again
     * @return a handler for {@link Listener#register}
     */
    static AcceptHandler<StreamChannel> acceptor(
            ConnectionOptions options, Supplier<? extends ConnectionHandler> handlers) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(handlers, "handlers");
        return channel -> open(channel, options, handlers.get());
    }

    /**
     * Sends bytes after those of earlier calls. The kernel takes what it can at once. The rest is
     * copied and sent when the connection becomes writable. When this returns, the buffer is empty
     * and the caller may reuse it.
     *
     * <p>The queue is unbounded, so callers must check the result. A failure resets the connection,
     * because a part of the bytes may have been sent. The cause goes to {@link
     * ConnectionHandler#closed}.
     *
     * <p>If the output is closed, the bytes are dropped and the result is false. It does not matter
     * whether this program or the peer closed it: a program that sends one message to many
     * connections cannot know which of them have just ended, so the call does not throw. With TLS,
     * bytes written during the handshake are kept and sent first after it. docs/connections.md has
     * a table of the effect of each call in each state.
     *
     * @param source holds the bytes
     * @return {@link #isWritable}
     */
    boolean write(ByteBuffer source);

    /**
     * Sends bytes as {@link #write(ByteBuffer)} does, and calls a handler when the kernel has taken
     * the last of them or they are lost.
     *
     * @param source holds the bytes
     * @param whenSent called once, in a later turn or when this connection becomes writable; not
     *     called if this throws. On a closed loop it may be called before this returns
     * @return {@link #isWritable}
     */
    boolean write(ByteBuffer source, SentHandler whenSent);

    /**
     * Sends a part of a file behind the bytes of earlier calls, without copying it where {@link
     * io.uloop.poller.Descriptors#transfer} does. With TLS it is read and encrypted as the peer
     * takes it. The file is not copied into the queue, but counts as pending bytes: {@link
     * #isWritable} is false until all but the low watermark have been sent.
     *
     * <p>The file must stay open until its bytes have been sent or lost; close it in a {@link
     * SentHandler}. Reading a file from a slow disk blocks the loop.
     *
     * <p>If the file turns out to be shorter or cannot be read, the connection is reset, because
     * the peer must not take what follows for the missing bytes. {@link ConnectionHandler#closed}
     * gets an {@link java.io.EOFException} or the other cause.
     *
     * @param file a file open for reading; its position does not change
     * @param position the position of the first byte in the file, 0 or more
     * @param count the number of bytes, 0 or more
     * @return {@link #isWritable}
     * @throws IllegalArgumentException if the position or the count is negative
     */
    boolean write(FileChannel file, long position, long count);

    /**
     * Sends a part of a file as {@link #write(FileChannel, long, long)} does, and calls a handler
     * when the kernel has taken the last byte or bytes are lost.
     *
     * @param file a file open for reading
     * @param position the position of the first byte in the file, 0 or more
     * @param count the number of bytes, 0 or more
     * @param whenSent called as for {@link #write(ByteBuffer, SentHandler)}; may close the file
     * @return {@link #isWritable}
     * @throws IllegalArgumentException if the position or the count is negative
     */
    boolean write(FileChannel file, long position, long count, SentHandler whenSent);

    /**
     * Sends bytes behind those of earlier calls and passes file descriptors with the first of them,
     * over a unix-domain connection. If they must wait, the connection duplicates them, so the
     * caller may close them when this returns. Like {@link #write(ByteBuffer)}, drops everything if
     * the output is closed, and resets the connection after a failure, such as EBADF or EMFILE.
     *
     * @param source holds the bytes, 1 or more
     * @param descriptors the descriptors to pass, 1 to 253
     * @return {@link #isWritable}
     * @throws UnsupportedOperationException on another kind of stream, with TLS, and on the select
     *     backend
     * @throws IllegalArgumentException if the number of bytes or descriptors is out of range
     * @see ConnectionOptions.Builder#receiveDescriptors
     */
    boolean sendDescriptors(ByteBuffer source, int... descriptors);

    /**
     * Calls a handler when the kernel has taken all bytes written so far, or as soon as they are
     * lost. This also works after {@link #shutdownOutput} and {@link #close}.
     *
     * @param handler called as for {@link #write(ByteBuffer, SentHandler)}
     */
    void whenSent(SentHandler handler);

    /**
     * Sends several buffers, with one system call where the kernel allows it. Otherwise behaves
     * like {@link #write(ByteBuffer)} for each buffer.
     *
     * @param sources hold the bytes, in order
     * @param offset the index of the first buffer
     * @param length the number of buffers
     * @return {@link #isWritable}
     * @throws IndexOutOfBoundsException if the range is out of bounds
     */
    boolean write(ByteBuffer[] sources, int offset, int length);

    /**
     * {@return whether the caller should continue to write}
     *
     * <p>Becomes false when {@link #pendingBytes} reaches the high watermark. Becomes true again
     * when they have drained to the low watermark; then {@link ConnectionHandler#writable} is
     * called. It is false before the connection is opened and after it is closed.
     */
    boolean isWritable();

    /**
     * {@return the number of bytes, 0 or more, that are written but not yet taken by the kernel}
     *
     * <p>With TLS, counts the encrypted bytes.
     */
    long pendingBytes();

    /**
     * Stops calls to {@link ConnectionHandler#received} and {@link ConnectionHandler#inputClosed}.
     * Back-pressure reaches the peer once the kernel's buffers are full. If the peer goes away
     * meanwhile, this is noticed when bytes are written or reading resumes.
     */
    void pauseReading();

    /**
     * Resumes reading after {@link #pauseReading}. Bytes that arrived meanwhile are delivered in
     * the next turn.
     */
    void resumeReading();

    /**
     * Half-closes the connection: after the pending bytes, the peer reads the end of the stream,
     * and it can still send. If the peer has ended its own direction too, the connection ends.
     * Idempotent.
     */
    void shutdownOutput();

    /**
     * Closes the connection in order. Sends the pending bytes and the end of the stream, then waits
     * for the peer to end its direction. {@link ConnectionOptions.Builder#closeTimeout} and {@link
     * ConnectionOptions.Builder#closeLimit} bound the wait. Bytes that still arrive are discarded.
     * Idempotent.
     *
     * @see ConnectionHandler#closed
     */
    void close();

    /**
     * Closes the connection at once and discards pending bytes. A TCP connection is reset (RST).
     * Idempotent.
     *
     * @see <a href="https://man7.org/linux/man-pages/man7/socket.7.html">SO_LINGER in socket(7)</a>
     */
    void abort();

    /** {@return whether this connection is open: not closed, aborted or failed} */
    boolean isOpen();

    /** {@return the loop of this connection} */
    Uloop loop();

    /**
     * Lets {@link Uloop#runUntilIdle} end although this connection is open. Its handler is still
     * called while the loop runs. Idempotent.
     */
    void unref();

    /**
     * Reverts {@link #unref}, so that the open connection keeps an idle run waiting. Idempotent.
     */
    void ref();

    /** {@return whether this connection keeps an idle run waiting while it is open} */
    boolean hasRef();

    /**
     * {@return the local address; null if there is none}
     *
     * @throws IOException {@link java.nio.channels.ClosedChannelException} if the connection has
     *     ended
     */
    @Nullable SocketAddress localAddress() throws IOException;

    /**
     * {@return the address that the peer had when the connection was opened, also in {@link
     * ConnectionHandler#closed} and later; null for a stream that is not a socket. A unix-domain
     * client without a name has an empty path}
     */
    @Nullable SocketAddress remoteAddress();

    /**
     * Returns the channel of this connection, for example for its {@link ByteStream#fd fd} or for
     * peer credentials. The connection still owns it: do not read, write, register or close it.
     *
     * @return the channel; closed once the connection has ended
     */
    ByteStream channel();

    /**
     * Sets a socket option.
     *
     * @param <T> the option's type
     * @param option one of {@link java.net.StandardSocketOptions}
     * @param value its value
     * @throws UnsupportedOperationException if the socket does not support the option
     * @throws IllegalArgumentException if the value has another type or is out of range; an
     *     SO_LINGER of more than 0 is refused, see {@link #close} and {@link
     *     ConnectionOptions.Builder#closeTimeout}
     * @throws IOException EINVAL, ENOPROTOOPT; {@link java.nio.channels.ClosedChannelException} if
     *     the connection has ended
     */
    <T> void setOption(SocketOption<T> option, T value) throws IOException;

    /**
     * Returns the value of a socket option.
     *
     * @param <T> the option's type
     * @param option one of {@link java.net.StandardSocketOptions}
     * @return its value; null if it is not set
     * @throws UnsupportedOperationException if the socket does not support the option
     * @throws IOException EINVAL; {@link java.nio.channels.ClosedChannelException} if the
     *     connection has ended
     */
    <T> @Nullable T getOption(SocketOption<T> option) throws IOException;

    /**
     * Starts TLS on a plain connection, as STARTTLS of SMTP, IMAP and other protocols does. Bytes
     * written before are sent plain. Bytes written during the handshake are kept and sent encrypted
     * after it. {@link ConnectionHandler#secured} is called after the handshake. If it fails, the
     * connection ends with the cause. Does nothing if the connection is closed.
     *
     * <p>A server sends its consent first, and a client starts when it has received it:
     *
     * <pre>{@code
     * connection.write(ready);
     * connection.startTls(tls, data);
     * }</pre>
     *
     * @param options the options of a server or a client
     * @param received bytes that were received behind the last plain message. They are taken as the
     *     start of the handshake, never as plain bytes. Usually the buffer of {@link
     *     ConnectionHandler#received}, with its position behind that message
     * @throws IllegalStateException if this connection uses TLS already
     */
    void startTls(TlsOptions options, ByteBuffer received);

    /**
     * {@return the TLS session; null without TLS and before the handshake is complete}
     *
     * <p>It has the protocol version, the certificates and the requested server names.
     */
    @Nullable SSLSession sslSession();

    /**
     * {@return the protocol negotiated by ALPN, such as {@code "h2"}; empty without TLS or if none
     * was negotiated}
     */
    String applicationProtocol();
}
