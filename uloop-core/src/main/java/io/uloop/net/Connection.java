package io.uloop.net;

import io.uloop.Uloop;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A stream connection whose {@link ConnectionHandler} is told of what happens: with buffered,
 * back-pressured writes, timeouts and an orderly end; plain or TLS behind the same methods.
 *
 * <p>Every method is for the thread that runs the loop, or while none does for any one thread;
 * elsewhere it throws {@link IllegalStateException}. Other threads hand over with {@link
 * Uloop#execute}. A loop that is closed ends its connections behind its last turn: what is pending
 * is lost, which resets the peer, and {@link ConnectionHandler#closed} gets the cause.
 */
public sealed interface Connection permits SocketConnection, TlsConnection {
    /**
     * Makes a connection of a connected channel. A plain one is {@link ConnectionHandler#opened}
     * before this returns, a TLS one after its handshake.
     *
     * @param channel connected, not registered; the connection's from now on, also if this fails
     * @param options how; with {@link ConnectionOptions.Builder#tls} it speaks TLS
     * @param handler is told of everything, {@link ConnectionHandler#openFailed} included
     * @return the connection
     * @throws IllegalStateException if another thread runs the loop
     */
    static Connection open(
            StreamChannel channel, ConnectionOptions options, ConnectionHandler handler) {
        Objects.requireNonNull(handler, "handler");
        TlsOptions tls = options.tls();
        try {
            return tls == null
                    ? new SocketConnection(channel, options, handler).start()
                    : new TlsConnection(channel, options, tls, handler).start();
        } catch (RuntimeException e) {
            channel.closeAfter(e);
            throw e;
        }
    }

    /**
     * Makes a connection of each one that a listener accepts, as in {@code
     * listener.register(Connection.acceptor(options, EchoHandler::new))}.
     *
     * @param options as for {@link #open}
     * @param handlers gives each connection its handler; may give the same one again
     * @return what {@link Listener#register} takes
     */
    static AcceptHandler<StreamChannel> acceptor(
            ConnectionOptions options, Supplier<? extends ConnectionHandler> handlers) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(handlers, "handlers");
        return channel -> open(channel, options, handlers.get());
    }

    /**
     * Sends bytes, behind those of earlier calls. The kernel takes what it can at once; the rest is
     * copied and sent as soon as it is let. So the buffer is the caller's again, and always empty,
     * when this returns.
     *
     * <p>It takes any number of bytes, however many wait already: heed the result. A failure goes
     * to {@link ConnectionHandler#closed}, and the connection is reset, because a part of the bytes
     * may have been sent.
     *
     * <p>Where the output has ended the bytes are dropped and the result is false. It makes no
     * difference who ended it, this program or the peer: a program that sends one message to many
     * connections cannot know which of them have just ended, so such a write does not throw. With
     * TLS, bytes written during the handshake wait for its end and are sent first.
     * docs/connections.md has a table of what each call does in each state.
     *
     * @param source holds the bytes
     * @return {@link #isWritable}
     * @throws IllegalStateException if another thread runs the loop
     */
    boolean write(ByteBuffer source);

    /**
     * Sends several buffers with one system call where the kernel lets it; otherwise as {@link
     * #write(ByteBuffer)} for each.
     *
     * @param sources hold the bytes, in order
     * @param offset the first buffer used
     * @param length how many are used
     * @return {@link #isWritable}
     * @throws IndexOutOfBoundsException if there are fewer buffers
     * @throws IllegalStateException as {@link #write(ByteBuffer)}
     */
    boolean write(ByteBuffer[] sources, int offset, int length);

    /**
     * Tells whether the writer should go on: false once {@link #pendingBytes} has reached the high
     * watermark, true again when it is down to the low one, which {@link
     * ConnectionHandler#writable} tells.
     *
     * @return false also when the connection is not open, and before it is opened
     */
    boolean isWritable();

    /**
     * What was written and not yet taken by the kernel; with TLS as it will be sent.
     *
     * @return bytes, 0 or more
     */
    long pendingBytes();

    /**
     * Stops {@link ConnectionHandler#received} and {@link ConnectionHandler#inputClosed} from being
     * called, so that the peer is held up once the kernel's buffers are full. A peer that goes away
     * meanwhile is noticed when bytes are written or reading resumes.
     */
    void pauseReading();

    /** Ends a {@link #pauseReading}: what has come meanwhile is delivered in the next turn. */
    void resumeReading();

    /**
     * Ends the outgoing direction behind what was written: the peer reads the end of the stream,
     * and can still send. Once the peer has ended its own direction too, the connection is gone.
     * Nothing the second time.
     */
    void shutdownOutput();

    /**
     * Closes in order: sends what was written and the end of the stream, then waits for the peer to
     * end its direction; {@link ConnectionOptions.Builder#closeTimeout} and {@link
     * ConnectionOptions.Builder#closeLimit} bound that. What still comes in is thrown away. Nothing
     * the second time.
     *
     * @see ConnectionHandler#closed
     */
    void close();

    /**
     * Closes at once and throws away what was not sent: a TCP peer's connection is reset (RST).
     * Nothing if it is gone already.
     *
     * @see <a href="https://man7.org/linux/man-pages/man7/socket.7.html">SO_LINGER in socket(7)</a>
     */
    void abort();

    /**
     * Tells whether it has neither been closed nor failed.
     *
     * @return false from {@link #close}, {@link #abort} or the failure on
     */
    boolean isOpen();

    /**
     * Its loop. Any thread.
     *
     * @return the channel's
     */
    Uloop loop();

    /**
     * The address of this end.
     *
     * @return the address; null while unbound
     * @throws IOException {@link java.nio.channels.ClosedChannelException} if it is gone
     */
    @Nullable SocketAddress localAddress() throws IOException;

    /**
     * The address of the peer.
     *
     * @return the address; null if the peer has none
     * @throws IOException {@link java.nio.channels.ClosedChannelException} if it is gone
     */
    @Nullable SocketAddress remoteAddress() throws IOException;

    /**
     * Sets a socket option.
     *
     * @param <T> the option's type
     * @param option one of {@link java.net.StandardSocketOptions}
     * @param value its value
     * @throws UnsupportedOperationException if the socket has no such option
     * @throws IllegalArgumentException if the value is of another type or out of range; an
     *     SO_LINGER of more than 0 is, see {@link #close} and {@link
     *     ConnectionOptions.Builder#closeTimeout}
     * @throws IOException EINVAL, ENOPROTOOPT; {@link java.nio.channels.ClosedChannelException}
     */
    <T> void setOption(SocketOption<T> option, T value) throws IOException;

    /**
     * The TLS session: versions, certificates, the server names asked for.
     *
     * @return the session; null without TLS
     */
    default @Nullable SSLSession sslSession() {
        return null;
    }

    /**
     * The protocol agreed on by ALPN.
     *
     * @return its name, such as {@code "h2"}; empty if none was agreed on, and without TLS
     */
    default String applicationProtocol() {
        return "";
    }
}
