package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.DescriptorKind;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection on a loop.
 *
 * <p>The thread rules are those of {@link LoopChannel}.
 *
 * @since 0.1
 */
public final class TcpChannel extends StreamChannel {
    private static final Adoption ADOPTION =
            new Adoption(
                    TcpChannel.class,
                    "a TCP connection",
                    kind ->
                            kind.type() == DescriptorKind.Type.STREAM_SOCKET
                                    && kind.isInternet()
                                    && !kind.listening());

    private TcpChannel(Uloop loop, ProtocolFamily family, int fd) {
        super(loop, family, fd);
    }

    /** Creates a channel accepted by a listener on another loop. */
    TcpChannel(Uloop loop, LoopSocket listener, int fd, ConnectionCount count) {
        super(loop, listener, fd, count);
    }

    TcpChannel(LoopSocket listener, int fd, ConnectionCount count) {
        super(listener, fd, count);
    }

    /**
     * Opens an unconnected socket. Set its options, optionally {@link #bind} it, then {@link
     * #connect(SocketAddress)} it.
     *
     * @param loop the loop that will serve it
     * @param family {@link java.net.StandardProtocolFamily#INET} or {@link
     *     java.net.StandardProtocolFamily#INET6}
     * @return the channel
     * @throws UnsupportedOperationException if the family is another one
     * @throws IOException EMFILE, ENFILE, EAFNOSUPPORT
     */
    public static TcpChannel open(Uloop loop, ProtocolFamily family) throws IOException {
        return new TcpChannel(loop, family, openInet(loop, family, Descriptors::openStream));
    }

    /**
     * Opens a socket and starts to connect it, see {@link #open} and {@link
     * #connect(SocketAddress)}.
     *
     * @param loop the loop that will serve it
     * @param remote an {@link java.net.InetSocketAddress}
     * @return the channel, connecting or connected
     * @throws java.nio.channels.UnsupportedAddressTypeException if the address is of another type
     * @throws java.nio.channels.UnresolvedAddressException if the address is not resolved
     * @throws IOException ECONNREFUSED, ENETUNREACH, EMFILE, ENFILE
     */
    public static TcpChannel connect(Uloop loop, SocketAddress remote) throws IOException {
        return orClose(open(loop, inetFamily(remote)), channel -> channel.connect(remote));
    }

    /**
     * Takes over a TCP socket that other code has opened, such as one that inetd passed. Makes it
     * non-blocking and, above 2, close-on-exec.
     *
     * @param loop the loop that will serve it
     * @param fd one of the loop's {@link Uloop#descriptors}, not registered; owned by the channel
     *     from now on
     * @return the channel
     * @throws IOException EINVAL or ENOTSOCK if the descriptor is of another kind, EBADF; the
     *     descriptor then stays the caller's and unchanged
     */
    public static TcpChannel adopt(Uloop loop, int fd) throws IOException {
        return ADOPTION.of(loop, fd, kind -> new TcpChannel(loop, Adoption.family(kind), fd));
    }

    /**
     * Writes bytes that more bytes follow at once, so that they share a segment. If none follow,
     * they are sent after 200 ms. {@link io.uloop.poller.KernelSocketOptions#TCP_CORK} does so for
     * several writes and on every native backend. Requires Linux and a native backend.
     *
     * @param source holds the bytes
     * @return bytes written, possibly fewer than remain in the buffer; 0 if it would block
     * @throws UnsupportedOperationException on the select backend, and on systems other than Linux
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EPIPE, ECONNRESET, ETIMEDOUT
     * @see <a href="https://man7.org/linux/man-pages/man2/send.2.html">MSG_MORE in send(2)</a>
     */
    public int writeMore(ByteBuffer source) throws IOException {
        return kept(nativeIo().writeMore(openFd(), source));
    }

    /**
     * Sends an urgent byte, for which the peer's epoll and poll backends report PRI. A later urgent
     * byte replaces one that was not received yet. Requires a native backend.
     *
     * @param value the byte
     * @return false if it would block
     * @throws UnsupportedOperationException on the select backend
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EPIPE, ECONNRESET, ETIMEDOUT
     * @see <a href="https://man7.org/linux/man-pages/man7/tcp.7.html">tcp(7)</a>
     */
    public boolean sendUrgent(byte value) throws IOException {
        return kept(nativeIo().sendUrgent(openFd(), value));
    }

    /**
     * Receives an urgent byte, unless {@link io.uloop.poller.KernelSocketOptions#SO_OOBINLINE} is
     * on. Requires a native backend.
     *
     * @return the byte, 0 to 255; {@link Descriptors#NONE} if none has arrived
     * @throws UnsupportedOperationException on the select backend
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ECONNRESET, ETIMEDOUT
     * @see <a href="https://man7.org/linux/man-pages/man7/tcp.7.html">tcp(7)</a>
     */
    public int receiveUrgent() throws IOException {
        return kept(nativeIo().receiveUrgent(openFd()));
    }

    @Override
    public TcpChannel bind(@Nullable SocketAddress local) throws IOException {
        bindInet(local);
        return this;
    }

    @Override
    int openAnother(ProtocolFamily family) throws IOException {
        return io().openStream(family);
    }

    @Override
    void requireAddress(SocketAddress address) {
        requireInet(address);
    }
}
