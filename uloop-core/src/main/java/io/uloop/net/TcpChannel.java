package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** A TCP connection on a loop. */
public final class TcpChannel extends StreamChannel {
    private TcpChannel(Uloop loop, ProtocolFamily family, int fd) {
        super(loop, family, fd);
    }

    /** One that a listener on another loop has accepted. */
    TcpChannel(Uloop loop, TcpListener listener, int fd, ConnectionCount count) {
        super(loop, listener, fd, count);
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
        return new TcpChannel(loop, family, openInet(loop, family, Descriptors::openStream));
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
    int openAnother(ProtocolFamily family) throws IOException {
        return io().openStream(family);
    }

    @Override
    void requireAddress(SocketAddress address) {
        requireInet(address);
    }
}
