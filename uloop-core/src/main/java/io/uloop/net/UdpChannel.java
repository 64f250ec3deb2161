package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.DescriptorKind;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket on a loop.
 *
 * <pre>{@code
 * UdpChannel channel = UdpChannel.open(loop, new InetSocketAddress(7000));
 * channel.register(UEvent.IN, (fd, events) -> answer(channel.receive(buffer.clear())));
 * }</pre>
 *
 * <p>The thread rules are those of {@link LoopChannel}.
 */
public final class UdpChannel extends DatagramSocketChannel {
    private static final Adoption ADOPTION =
            new Adoption(
                    UdpChannel.class,
                    "a UDP socket",
                    kind ->
                            kind.type() == DescriptorKind.Type.DATAGRAM_SOCKET
                                    && kind.isInternet());

    private UdpChannel(Uloop loop, ProtocolFamily family, int fd, boolean connected) {
        super(loop, family, fd, connected);
    }

    /**
     * Opens an unbound socket. {@link #bind} or the first {@code send} assigns a port.
     *
     * @param loop the loop that will serve it
     * @param family {@link java.net.StandardProtocolFamily#INET} or {@link
     *     java.net.StandardProtocolFamily#INET6}
     * @return the channel
     * @throws UnsupportedOperationException if the family is another one
     * @throws IOException EMFILE, ENFILE, EAFNOSUPPORT
     */
    public static UdpChannel open(Uloop loop, ProtocolFamily family) throws IOException {
        int fd = openInet(loop, family, Descriptors::openDatagram);
        return new UdpChannel(loop, family, fd, false);
    }

    /**
     * Opens a socket and binds it. To use only one version of IP, call {@link #open(Uloop,
     * ProtocolFamily)} and {@link #bind} instead.
     *
     * @param loop the loop that will serve it
     * @param local an {@link java.net.InetSocketAddress}; port 0 for any port. For a wildcard
     *     address, the socket serves IPv4 and IPv6 where the machine has both
     * @return the channel
     * @throws java.nio.channels.UnsupportedAddressTypeException if the address is of another type
     * @throws java.nio.channels.UnresolvedAddressException if the address is not resolved
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/bind.2.html">bind(2)</a>
     */
    public static UdpChannel open(Uloop loop, SocketAddress local) throws IOException {
        return openBound(local, family -> open(loop, family), channel -> channel.bind(local));
    }

    /**
     * Takes over a UDP socket that other code has opened, such as one of {@link SocketActivation}.
     * Makes it non-blocking and, above 2, close-on-exec.
     *
     * @param loop the loop that will serve it
     * @param fd one of the loop's {@link Uloop#descriptors}, not registered; owned by the channel
     *     from now on
     * @return the channel
     * @throws IOException EINVAL or ENOTSOCK if the descriptor is of another kind, EBADF; the
     *     descriptor then stays the caller's and unchanged
     */
    public static UdpChannel adopt(Uloop loop, int fd) throws IOException {
        return ADOPTION.of(
                loop,
                fd,
                kind -> {
                    boolean connected = loop.descriptors().remoteAddress(fd) != null;
                    return new UdpChannel(loop, Adoption.family(kind), fd, connected);
                });
    }

    @Override
    public UdpChannel bind(@Nullable SocketAddress local) throws IOException {
        bindInet(local);
        return this;
    }

    @Override
    int openAnother(ProtocolFamily family) throws IOException {
        return io().openDatagram(family);
    }

    @Override
    void requireAddress(SocketAddress address) {
        requireInet(address);
    }
}
