package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramBatch;
import io.uloop.poller.DescriptorKind;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ScatteringByteChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket on a loop. {@code receive} and {@code send} never block. They move one datagram,
 * with or without allocating an address, or a {@link DatagramBatch}, which is fastest.
 *
 * <pre>{@code
 * UdpChannel channel = UdpChannel.open(loop, new InetSocketAddress(7000));
 * channel.register(UEvent.IN, (fd, events) -> answer(channel.receive(buffer.clear())));
 * }</pre>
 *
 * <p>A connected UDP channel is also a byte channel: each read or write is one datagram from or to
 * the peer.
 *
 * <p>The thread rules are those of {@link LoopChannel}.
 */
public final class UdpChannel extends LoopSocket
        implements ByteChannel, GatheringByteChannel, ScatteringByteChannel {
    private static final Adoption ADOPTION =
            new Adoption(
                    UdpChannel.class,
                    "a UDP socket",
                    kind ->
                            kind.type() == DescriptorKind.Type.DATAGRAM_SOCKET
                                    && kind.isInternet());

    private static final DatagramAddress PEER = new DatagramAddress();

    private boolean connected;

    private UdpChannel(Uloop loop, ProtocolFamily family, int fd) {
        super(loop, family, fd);
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
        return new UdpChannel(loop, family, openInet(loop, family, Descriptors::openDatagram));
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
                    UdpChannel channel = new UdpChannel(loop, Adoption.family(kind), fd);
                    channel.connected = connected;
                    return channel;
                });
    }

    @Override
    public UdpChannel bind(@Nullable SocketAddress local) throws IOException {
        bindInet(local);
        return this;
    }

    /**
     * Receives one datagram. Bytes that do not fit in the buffer are lost.
     *
     * @param target gets the bytes, none for an empty datagram
     * @return the sender; null if no datagram is waiting
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link Descriptors#receive(int, ByteBuffer)}
     */
    public @Nullable SocketAddress receive(ByteBuffer target) throws IOException {
        return kept(io().receive(openFd(), target));
    }

    /**
     * Sends the remaining bytes of a buffer as one datagram.
     *
     * @param source holds the bytes; consumed entirely or not at all
     * @param target an {@link java.net.InetSocketAddress}
     * @return bytes sent; 0 if it would block, and for an empty datagram
     * @throws java.nio.channels.UnsupportedAddressTypeException if the address is of another type
     * @throws java.nio.channels.UnresolvedAddressException if the address is not resolved
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EMSGSIZE, ECONNREFUSED, ENETUNREACH
     */
    public int send(ByteBuffer source, SocketAddress target) throws IOException {
        requireInet(target);
        return kept(io().send(openFd(), source, target));
    }

    /**
     * Receives one datagram without allocating. Bytes that do not fit in the buffer are lost.
     *
     * @param target gets the bytes
     * @param sender is set to the sender
     * @return bytes received, 0 for an empty datagram; {@link Descriptors#NONE} if no datagram is
     *     waiting
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link Descriptors#receive(int, ByteBuffer, DatagramAddress)}
     */
    public int receive(ByteBuffer target, DatagramAddress sender) throws IOException {
        return kept(io().receive(openFd(), target, sender));
    }

    /**
     * Sends the remaining bytes of a buffer as one datagram without allocating.
     *
     * @param source holds the bytes; consumed entirely or not at all
     * @param target the receiver; if it is unset, the peer of {@link #connect}
     * @return bytes sent; 0 if it would block, and for an empty datagram
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link Descriptors#send(int, ByteBuffer, DatagramAddress)}
     */
    public int send(ByteBuffer source, DatagramAddress target) throws IOException {
        return kept(io().send(openFd(), source, target));
    }

    /**
     * Receives waiting datagrams, as many as the batch has slots.
     *
     * @param batch gets the datagrams in its first slots
     * @return the number of slots filled; 0 if no datagram is waiting
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link Descriptors#receive(int, DatagramBatch)}
     */
    public int receive(DatagramBatch batch) throws IOException {
        return kept(io().receive(openFd(), batch));
    }

    /**
     * Sends slots of a batch in order. May send fewer slots than requested.
     *
     * @param batch holds the datagrams
     * @param from the index of the first slot, 0 or more
     * @param count the number of slots
     * @return the number of slots sent entirely; 0 if it would block
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link Descriptors#send(int, DatagramBatch, int, int)}
     * @throws IndexOutOfBoundsException if the range of slots is out of bounds
     */
    public int send(DatagramBatch batch, int from, int count) throws IOException {
        return kept(io().send(openFd(), batch, from, count));
    }

    /**
     * Sets the peer. From then on, datagrams from other senders are not received, and an ICMP
     * refusal is reported by the next call.
     *
     * @param remote an {@link java.net.InetSocketAddress}
     * @throws java.nio.channels.UnsupportedAddressTypeException if the address is of another type
     * @throws java.nio.channels.UnresolvedAddressException if the address is not resolved
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ENETUNREACH
     * @see <a href="https://man7.org/linux/man-pages/man2/connect.2.html">connect(2)</a>
     */
    public void connect(SocketAddress remote) throws IOException {
        requireInet(remote);
        io().connect(openFd(), remote);
        connected = true;
        keep();
    }

    /**
     * {@return the peer set by {@link #connect}; null if there is none}
     *
     * @throws IOException {@link java.nio.channels.ClosedChannelException} if this is closed
     */
    public @Nullable SocketAddress getRemoteAddress() throws IOException {
        return kept(io().remoteAddress(openFd()));
    }

    /**
     * Receives one datagram from the peer. Bytes that do not fit in the buffer are lost.
     *
     * @param target gets the bytes
     * @return bytes received; 0 if no datagram is waiting, for an empty datagram, and if the buffer
     *     is full
     * @throws NotYetConnectedException if there is no peer
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ECONNREFUSED if an earlier datagram was refused
     */
    @Override
    public int read(ByteBuffer target) throws IOException {
        return kept(io().read(connectedFd(), target));
    }

    @Override
    public long read(ByteBuffer[] targets) throws IOException {
        return read(targets, 0, targets.length);
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, targets.length);
        return kept(io().read(connectedFd(), targets, offset, length));
    }

    /**
     * Sends the remaining bytes of a buffer as one datagram to the peer. The select backend sends
     * no empty datagram.
     *
     * @param source holds the bytes; consumed entirely or not at all
     * @return bytes sent; 0 if it would block, and for an empty datagram
     * @throws NotYetConnectedException if there is no peer
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EMSGSIZE, ECONNREFUSED, ENETUNREACH
     */
    @Override
    public int write(ByteBuffer source) throws IOException {
        return kept(io().send(connectedFd(), source, PEER));
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    /**
     * Sends the remaining bytes of all buffers as one datagram to the peer.
     *
     * @throws NotYetConnectedException if there is no peer
     * @throws IOException as {@link #write(ByteBuffer)}
     */
    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, sources.length);
        return kept(io().write(connectedFd(), sources, offset, length));
    }

    private int connectedFd() throws IOException {
        int fd = openFd();
        if (!connected) {
            throw new NotYetConnectedException();
        }
        return fd;
    }

    @Override
    int openAnother(ProtocolFamily family) throws IOException {
        return io().openDatagram(family);
    }
}
