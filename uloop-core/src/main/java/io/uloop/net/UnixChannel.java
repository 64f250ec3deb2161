package io.uloop.net;

import io.uloop.Uloop;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A unix-domain stream connection on a loop.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
 */
public final class UnixChannel extends StreamChannel {
    private static final Set<SocketOption<?>> OPTIONS =
            options(StandardSocketOptions.SO_SNDBUF, StandardSocketOptions.SO_RCVBUF);

    private UnixChannel(Uloop loop, int fd) {
        super(loop, fd);
    }

    UnixChannel(UnixListener listener, int fd, ConnectionCount count) {
        super(listener, fd, count);
    }

    /**
     * Opens a socket to set its options, {@link #bind} it perhaps, and {@link
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
     * Opens a socket and connects it: {@link #open} and {@link #connect(SocketAddress)}.
     *
     * @param loop the loop that will serve it
     * @param remote a {@link java.net.UnixDomainSocketAddress}
     * @return the channel, connecting or connected
     * @throws java.nio.channels.UnsupportedAddressTypeException if it is another kind of address
     * @throws IOException ECONNREFUSED, ENOENT, EACCES, EAGAIN if the backlog is full, EMFILE,
     *     ENFILE
     */
    public static UnixChannel connect(Uloop loop, SocketAddress remote) throws IOException {
        requireUnix(remote);
        return orClose(open(loop), channel -> channel.connect(remote));
    }

    /**
     * Gives the socket a name; a file of that path stays when it is closed.
     *
     * @param local a {@link java.net.UnixDomainSocketAddress}; null leaves it without a name
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
    public Set<SocketOption<?>> supportedOptions() {
        return OPTIONS;
    }

    @Override
    void requireAddress(SocketAddress address) {
        requireUnix(address);
    }
}
