package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.DescriptorKind;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection on a loop.
 *
 * <p>The thread rules are those of {@link LoopChannel}.
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
