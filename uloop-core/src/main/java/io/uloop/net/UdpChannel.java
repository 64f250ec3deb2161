package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.DatagramError;
import io.uloop.poller.DatagramInfo;
import io.uloop.poller.DescriptorKind;
import io.uloop.poller.Descriptors;
import io.uloop.poller.MulticastChange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.MembershipKey;
import java.nio.channels.MulticastChannel;
import java.util.Objects;
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
 *
 * @since 0.1
 */
public final class UdpChannel extends DatagramSocketChannel implements MulticastChannel {
    private static final Adoption ADOPTION =
            new Adoption(
                    UdpChannel.class,
                    "a UDP socket",
                    kind ->
                            kind.type() == DescriptorKind.Type.DATAGRAM_SOCKET
                                    && kind.isInternet());

    private @Nullable Memberships memberships;

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

    /**
     * Joins a multicast group, to receive its datagrams from any sender. Bind the socket to the
     * wildcard address or the group's, and set SO_REUSEADDR first if several sockets of the machine
     * receive them. {@code IP_MULTICAST_IF}, {@code IP_MULTICAST_TTL} and {@code IP_MULTICAST_LOOP}
     * apply to datagrams that are sent.
     *
     * @param group the address of the group
     * @param link the interface on which to receive
     * @return the membership, which {@link MembershipKey#drop} ends; the same one for each call
     *     with the same arguments
     * @throws IllegalStateException if this has joined the group for some senders
     * @throws IllegalArgumentException if the group is not a multicast address
     * @throws UnsupportedOperationException on OpenBSD and DragonFly
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EAFNOSUPPORT for an IPv6 group on an INET socket; ENODEV, ENOBUFS
     * @see <a href="https://man7.org/linux/man-pages/man7/ip.7.html">ip(7)</a>
     */
    @Override
    public MembershipKey join(InetAddress group, NetworkInterface link) throws IOException {
        openFd();
        return memberships().join(group, link, null);
    }

    /**
     * Joins a multicast group, to receive its datagrams from one sender. Join again for each
     * further sender.
     *
     * @param group the address of the group
     * @param link the interface on which to receive
     * @param source the sender
     * @return the membership, which {@link MembershipKey#drop} ends; the same one for each call
     *     with the same arguments
     * @throws IllegalStateException if this has joined the group for any sender
     * @throws IllegalArgumentException if the group is not a multicast address, or the source is of
     *     another version of IP
     * @throws UnsupportedOperationException on OpenBSD and DragonFly
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link #join(InetAddress, NetworkInterface)}
     */
    @Override
    public MembershipKey join(InetAddress group, NetworkInterface link, InetAddress source)
            throws IOException {
        Objects.requireNonNull(source, "source");
        openFd();
        return memberships().join(group, link, source);
    }

    /**
     * Receives one datagram and its details without allocating. Requires a native backend. Set
     * {@link io.uloop.poller.KernelSocketOptions#IP_PKTINFO} for the local address and the
     * interface, and {@link io.uloop.poller.KernelSocketOptions#SO_TIMESTAMP} for the time.
     *
     * @param target gets the bytes
     * @param info is set to the details
     * @return bytes received, 0 for an empty datagram; {@link Descriptors#NONE} if no datagram is
     *     waiting
     * @throws UnsupportedOperationException on the select backend
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link Descriptors#receive(int, ByteBuffer)}
     */
    public int receive(ByteBuffer target, DatagramInfo info) throws IOException {
        return kept(nativeIo().receive(openFd(), target, info));
    }

    /**
     * Sends one datagram from a given local address or interface without allocating. Requires a
     * native backend.
     *
     * @param source holds the bytes; consumed entirely or not at all
     * @param info the receiver, the source address and the interface; what is unset, the kernel
     *     chooses
     * @return bytes sent; 0 if it would block, and for an empty datagram
     * @throws UnsupportedOperationException on the select backend
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link io.uloop.poller.NativeDescriptors#send(int, ByteBuffer,
     *     DatagramInfo)}
     */
    public int send(ByteBuffer source, DatagramInfo info) throws IOException {
        return kept(nativeIo().send(openFd(), source, info));
    }

    /**
     * Takes one error of a sent datagram from the queue of {@link
     * io.uloop.poller.KernelSocketOptions#IP_RECVERR}. The handler is called with ERR while the
     * queue is not empty, so it must take the errors. Requires Linux and a native backend.
     *
     * @param target gets the first bytes of the datagram
     * @param error is set to the error
     * @return bytes of the datagram; {@link Descriptors#NONE} if the queue is empty
     * @throws UnsupportedOperationException on the select backend, and on systems other than Linux
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EBADF
     */
    public int receiveError(ByteBuffer target, DatagramError error) throws IOException {
        return kept(nativeIo().receiveError(openFd(), target, error));
    }

    Memberships memberships() {
        if (memberships == null) {
            memberships = new Memberships(this);
        }
        return memberships;
    }

    void multicast(
            MulticastChange change,
            InetAddress group,
            NetworkInterface link,
            @Nullable InetAddress source)
            throws IOException {
        io().multicast(openFd(), change, group, link, source);
        keep();
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
