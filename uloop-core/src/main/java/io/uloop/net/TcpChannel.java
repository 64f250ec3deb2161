package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A TCP connection on a loop. */
public final class TcpChannel extends StreamChannel {
    private static final Set<SocketOption<?>> OPTIONS =
            options(
                    StandardSocketOptions.SO_SNDBUF,
                    StandardSocketOptions.SO_RCVBUF,
                    StandardSocketOptions.SO_KEEPALIVE,
                    StandardSocketOptions.SO_REUSEADDR,
                    StandardSocketOptions.SO_REUSEPORT,
                    StandardSocketOptions.SO_LINGER,
                    StandardSocketOptions.TCP_NODELAY,
                    StandardSocketOptions.IP_TOS);

    private TcpChannel(Uloop loop, int fd) {
        super(loop, fd);
    }

    /** One that a listener on another loop has accepted. */
    TcpChannel(Uloop loop, int fd, ConnectionCount count) {
        super(loop, fd, count);
    }

    TcpChannel(TcpListener listener, int fd, ConnectionCount count) {
        super(listener, fd, count);
    }

    /**
     * Opens a socket to set its options, {@link #bind} it perhaps, and {@link
     * #connect(SocketAddress)} it.
     *
     * @param loop the loop that will serve it
     * @param family INET or INET6 of {@link java.net.StandardProtocolFamily}
     * @return the channel
     * @throws UnsupportedOperationException if it is another family
     * @throws IOException EMFILE, ENFILE, EAFNOSUPPORT
     */
    public static TcpChannel open(Uloop loop, ProtocolFamily family) throws IOException {
        return new TcpChannel(loop, openInet(loop, family, Descriptors::openStream));
    }

    /**
     * Opens a socket and starts to connect it: {@link #open} and {@link #connect(SocketAddress)}.
     *
     * @param loop the loop that will serve it
     * @param remote an {@link java.net.InetSocketAddress}
     * @return the channel, connecting or connected
     * @throws java.nio.channels.UnsupportedAddressTypeException if it is another kind of address
     * @throws java.nio.channels.UnresolvedAddressException if its host name is not resolved
     * @throws IOException ECONNREFUSED, ENETUNREACH, EMFILE, ENFILE
     */
    public static TcpChannel connect(Uloop loop, SocketAddress remote) throws IOException {
        return orClose(open(loop, inetFamily(remote)), channel -> channel.connect(remote));
    }

    @Override
    public TcpChannel bind(@Nullable SocketAddress local) throws IOException {
        bindInet(local);
        return this;
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return OPTIONS;
    }

    @Override
    void requireAddress(SocketAddress address) {
        requireInet(address);
    }
}
