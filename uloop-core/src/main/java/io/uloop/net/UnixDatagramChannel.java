package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.DescriptorKind;
import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.UnixAddress;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A unix-domain datagram socket on a loop. No datagram is lost and their order is kept, because a
 * send to a receiver whose queue is full would block. The file of a path is not deleted when the
 * socket is closed. Requires a native backend.
 *
 * <pre>{@code
 * UnixDatagramChannel log = UnixDatagramChannel.open(loop, UnixAddress.ofAbstract("log"));
 * log.register(UEvent.IN, (fd, events) -> answer(log.receive(buffer.clear())));
 * }</pre>
 *
 * <p>While no peer is set, OUT is reported even if a receiver's queue is full.
 *
 * <p>The thread rules are those of {@link LoopChannel}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
 * @since 0.1
 */
public final class UnixDatagramChannel extends DatagramSocketChannel {
    private static final Adoption ADOPTION =
            new Adoption(
                    UnixDatagramChannel.class,
                    "a unix-domain datagram socket",
                    kind ->
                            kind.type() == DescriptorKind.Type.DATAGRAM_SOCKET
                                    && kind.family() == StandardProtocolFamily.UNIX);

    /**
     * Two channels that are connected to each other.
     *
     * @param first one end
     * @param second the other end
     */
    public record Pair(UnixDatagramChannel first, UnixDatagramChannel second) {}

    private UnixDatagramChannel(Uloop loop, int fd, boolean connected) {
        super(loop, StandardProtocolFamily.UNIX, fd, connected);
    }

    /**
     * Opens an unbound socket. It can send, but its datagrams have no sender and get no answer
     * until it is {@linkplain #bind bound}.
     *
     * @param loop the loop that will serve it
     * @return the channel
     * @throws UnsupportedOperationException on the select backend
     * @throws IOException EMFILE, ENFILE, EAFNOSUPPORT
     */
    public static UnixDatagramChannel open(Uloop loop) throws IOException {
        int fd = loop.descriptors().openDatagram(StandardProtocolFamily.UNIX);
        return new UnixDatagramChannel(loop, fd, false);
    }

    /**
     * Opens a socket and binds it.
     *
     * @param loop the loop that will serve it
     * @param local a {@link java.net.UnixDomainSocketAddress} or a {@link UnixAddress}
     * @return the channel
     * @throws java.nio.channels.UnsupportedAddressTypeException if the address is of another type
     * @throws UnsupportedOperationException on the select backend
     * @throws IOException EADDRINUSE if the file exists, EACCES, ENOENT, EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/bind.2.html">bind(2)</a>
     */
    public static UnixDatagramChannel open(Uloop loop, SocketAddress local) throws IOException {
        requireUnix(local);
        return orClose(open(loop), channel -> channel.bind(local));
    }

    /**
     * Opens two channels that are connected to each other.
     *
     * @param loop the loop that will serve both
     * @return the two channels; close each of them
     * @throws UnsupportedOperationException on the select backend
     * @throws IOException EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/socketpair.2.html">socketpair(2)</a>
     */
    public static Pair pair(Uloop loop) throws IOException {
        NativeDescriptors.SocketPair pair = NativeDescriptors.of(loop.provider()).datagramPair();
        return new Pair(
                new UnixDatagramChannel(loop, pair.first(), true),
                new UnixDatagramChannel(loop, pair.second(), true));
    }

    /**
     * Takes over a unix-domain datagram socket that other code has opened, such as one of {@link
     * SocketActivation}. Makes it non-blocking and, above 2, close-on-exec.
     *
     * @param loop the loop that will serve it
     * @param fd one of the loop's {@link Uloop#descriptors}, not registered; owned by the channel
     *     from now on
     * @return the channel
     * @throws IOException EINVAL or ENOTSOCK if the descriptor is of another kind, EBADF; the
     *     descriptor then stays the caller's and unchanged
     */
    public static UnixDatagramChannel adopt(Uloop loop, int fd) throws IOException {
        return ADOPTION.of(
                loop,
                fd,
                kind -> {
                    boolean connected = loop.descriptors().remoteAddress(fd) != null;
                    return new UnixDatagramChannel(loop, fd, connected);
                });
    }

    /**
     * Binds the socket to an address.
     *
     * @param local a {@link java.net.UnixDomainSocketAddress} or a {@link UnixAddress}; null for
     *     {@link UnixAddress#AUTOBIND}, which requires Linux
     * @return this
     */
    @Override
    public UnixDatagramChannel bind(@Nullable SocketAddress local) throws IOException {
        bindOnce(local == null ? UnixAddress.AUTOBIND : requireUnix(local));
        return this;
    }

    /**
     * Sends a datagram to the peer and passes file descriptors with it.
     *
     * @param source holds the bytes, 1 or more
     * @param descriptors the descriptors to pass, 1 to 253; they stay open in this process
     * @return bytes sent; 0 if it would block
     * @throws java.nio.channels.NotYetConnectedException if there is no peer
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link NativeDescriptors#sendDescriptors}
     */
    public int sendDescriptors(ByteBuffer source, int... descriptors) throws IOException {
        return kept(nativeIo().sendDescriptors(connectedFd(), source, descriptors));
    }

    /**
     * Receives a datagram and the file descriptors passed with it. Every other way to receive would
     * lose the descriptors.
     *
     * @param target gets the bytes; has room for 1 or more
     * @param descriptors gets the descriptors, which the caller must close, followed by {@link
     *     Descriptors#NONE}; length 1 to 253
     * @return bytes received; 0 if no datagram is waiting
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link NativeDescriptors#receiveDescriptors}
     */
    public int receiveDescriptors(ByteBuffer target, int[] descriptors) throws IOException {
        return kept(nativeIo().receiveDescriptors(openFd(), target, descriptors));
    }

    @Override
    int openAnother(ProtocolFamily family) throws IOException {
        return io().openDatagram(family);
    }

    @Override
    void requireAddress(SocketAddress address) {
        requireUnix(address);
    }
}
