package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.DescriptorKind;
import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PeerCredentials;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A unix-domain stream connection on a loop.
 *
 * <p>The thread rules are those of {@link LoopChannel}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
 * @since 0.1
 */
public final class UnixChannel extends StreamChannel {
    private static final Adoption ADOPTION =
            new Adoption(
                    UnixChannel.class,
                    "a unix-domain stream connection",
                    kind ->
                            kind.type() == DescriptorKind.Type.STREAM_SOCKET
                                    && kind.family() == StandardProtocolFamily.UNIX
                                    && !kind.listening());

    /**
     * Two channels that are connected to each other.
     *
     * @param first one end
     * @param second the other end
     */
    public record Pair(UnixChannel first, UnixChannel second) {}

    private UnixChannel(Uloop loop, int fd) {
        super(loop, StandardProtocolFamily.UNIX, fd);
    }

    UnixChannel(LoopSocket listener, int fd, ConnectionCount count) {
        super(listener, fd, count);
    }

    /**
     * Opens an unconnected socket. Set its options, optionally {@link #bind} it, then {@link
     * #connect(SocketAddress)} it.
     *
     * @param loop the loop that will serve it
     * @return the channel
     * @throws IOException EMFILE, ENFILE, EAFNOSUPPORT
     */
    public static UnixChannel open(Uloop loop) throws IOException {
        return new UnixChannel(loop, loop.descriptors().openStream(StandardProtocolFamily.UNIX));
    }

    /**
     * Opens a socket and connects it, see {@link #open} and {@link #connect(SocketAddress)}.
     *
     * @param loop the loop that will serve it
     * @param remote a {@link java.net.UnixDomainSocketAddress}; native backends also accept a
     *     {@link io.uloop.poller.UnixAddress}
     * @return the channel, connecting or connected
     * @throws java.nio.channels.UnsupportedAddressTypeException if the address is of another type
     * @throws IOException ECONNREFUSED, ENOENT, EACCES, EAGAIN if the backlog is full, EMFILE,
     *     ENFILE
     */
    public static UnixChannel connect(Uloop loop, SocketAddress remote) throws IOException {
        requireUnix(remote);
        return orClose(open(loop), channel -> channel.connect(remote));
    }

    /**
     * Opens two channels that are connected to each other. Requires a native backend.
     *
     * @param loop the loop that will serve both
     * @return the two channels; close each of them
     * @throws UnsupportedOperationException on the select backend
     * @throws IOException EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/socketpair.2.html">socketpair(2)</a>
     */
    public static Pair pair(Uloop loop) throws IOException {
        NativeDescriptors.SocketPair pair = NativeDescriptors.of(loop.provider()).socketPair();
        return new Pair(new UnixChannel(loop, pair.first()), new UnixChannel(loop, pair.second()));
    }

    /**
     * Takes over a unix-domain stream socket that other code has opened, such as one of {@link
     * #receiveDescriptors}. Makes it non-blocking and, above 2, close-on-exec.
     *
     * @param loop the loop that will serve it
     * @param fd one of the loop's {@link Uloop#descriptors}, not registered; owned by the channel
     *     from now on
     * @return the channel
     * @throws IOException EINVAL or ENOTSOCK if the descriptor is of another kind, EBADF; the
     *     descriptor then stays the caller's and unchanged
     */
    public static UnixChannel adopt(Uloop loop, int fd) throws IOException {
        return ADOPTION.of(loop, fd, kind -> new UnixChannel(loop, fd));
    }

    /**
     * Writes bytes and passes file descriptors with the first of them. Requires a native backend.
     *
     * @param source holds the bytes, 1 or more
     * @param descriptors the descriptors to pass, 1 to 253; they stay open in this process
     * @return bytes written; 0 if it would block, and then no descriptor was passed
     * @throws UnsupportedOperationException on the select backend
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link NativeDescriptors#sendDescriptors}
     */
    public int sendDescriptors(ByteBuffer source, int... descriptors) throws IOException {
        return kept(nativeIo().sendDescriptors(openFd(), source, descriptors));
    }

    /**
     * Reads bytes and receives the file descriptors passed with them. {@link #read(ByteBuffer)}
     * would lose the descriptors. Requires a native backend.
     *
     * @param target gets the bytes; has room for 1 or more
     * @param descriptors gets the descriptors, which the caller must close, followed by {@link
     *     Descriptors#NONE}; length 1 to 253
     * @return bytes read; 0 if it would block; -1 at the end of the stream
     * @throws UnsupportedOperationException on the select backend
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link NativeDescriptors#receiveDescriptors}
     */
    public int receiveDescriptors(ByteBuffer target, int[] descriptors) throws IOException {
        return kept(nativeIo().receiveDescriptors(openFd(), target, descriptors));
    }

    /**
     * Returns the process at the other end. Requires a native backend. On the select backend,
     * {@code getOption} of {@code jdk.net.ExtendedSocketOptions.SO_PEERCRED} returns its user and
     * group.
     *
     * @return the credentials of the peer when the connection was made
     * @throws UnsupportedOperationException on the select backend
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ENOTCONN if this is not connected
     */
    public PeerCredentials peerCredentials() throws IOException {
        PeerCredentials peer = nativeIo().peerCredentials(openFd());
        keep();
        return peer;
    }

    /**
     * Binds the socket to an address. The file of a path is not deleted when the socket is closed.
     *
     * @param local a {@link java.net.UnixDomainSocketAddress}; native backends also accept a {@link
     *     io.uloop.poller.UnixAddress}, and on Linux {@link io.uloop.poller.UnixAddress#AUTOBIND};
     *     null leaves the socket unnamed
     * @return this
     */
    @Override
    public UnixChannel bind(@Nullable SocketAddress local) throws IOException {
        if (local == null) {
            requireUnbound();
        } else {
            bindOnce(requireUnix(local));
        }
        return this;
    }

    @Override
    int openAnother(ProtocolFamily family) throws IOException {
        return io().openStream(family);
    }

    @Override
    void requireAddress(SocketAddress address) {
        requireUnix(address);
    }
}
