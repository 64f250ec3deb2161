package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A listening TCP socket on a loop; SO_REUSEADDR is on. */
public final class TcpListener extends Listener<TcpChannel> {
    private Supplier<Uloop> owners = this::loop;

    private TcpListener(Uloop loop, ProtocolFamily family, int fd) {
        super(loop, family, fd);
    }

    /**
     * Opens a socket to set its options and to {@link #bind} it. One of INET6 takes IPv4
     * connections too, unless {@link io.uloop.poller.KernelSocketOptions#IPV6_V6ONLY} is set before
     * it is bound.
     *
     * @param loop the loop that will serve it
     * @param family INET or INET6 of {@link java.net.StandardProtocolFamily}
     * @return a listener that is not bound
     * @throws UnsupportedOperationException if it is another family
     * @throws IOException EMFILE, ENFILE, EAFNOSUPPORT
     */
    public static TcpListener open(Uloop loop, ProtocolFamily family) throws IOException {
        return orClose(
                new TcpListener(loop, family, openInet(loop, family, Descriptors::openListener)),
                listener -> listener.setOption(StandardSocketOptions.SO_REUSEADDR, true));
    }

    /**
     * Opens a socket, binds it and listens with a backlog of 1024. For one version of the internet
     * protocol alone, {@link #open(Uloop, ProtocolFamily)} it and {@link #bind} it.
     *
     * @param loop the loop that will serve it
     * @param local an {@link java.net.InetSocketAddress}; port 0 for any. For any address, the
     *     socket takes IPv4 and IPv6 where the machine has both
     * @return a listener; connections wait until {@link #register(AcceptHandler)}
     * @throws IOException as {@link #open(Uloop, SocketAddress, int)}
     */
    public static TcpListener open(Uloop loop, SocketAddress local) throws IOException {
        return open(loop, local, BACKLOG);
    }

    /**
     * Opens a socket, binds it and listens.
     *
     * @param loop the loop that will serve it
     * @param local an {@link java.net.InetSocketAddress}; port 0 for any. For any address, the
     *     socket takes IPv4 and IPv6 where the machine has both
     * @param backlog how many connections may wait to be accepted, 1 or more; the kernel may cap it
     * @return a listener; connections wait until {@link #register(AcceptHandler)}
     * @throws java.nio.channels.UnsupportedAddressTypeException if it is another kind of address
     * @throws java.nio.channels.UnresolvedAddressException if its host name is not resolved
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE, ENFILE
     */
    public static TcpListener open(Uloop loop, SocketAddress local, int backlog)
            throws IOException {
        return openBound(
                local, family -> open(loop, family), listener -> listener.bind(local, backlog));
    }

    @Override
    public TcpListener bind(@Nullable SocketAddress local) throws IOException {
        super.bind(local);
        return this;
    }

    @Override
    public TcpListener bind(@Nullable SocketAddress local, int backlog) throws IOException {
        super.bind(local, backlog);
        return this;
    }

    /** Accepts for other loops of the same backend; the handler is called on this one's thread. */
    void acceptFor(Supplier<Uloop> owners) {
        this.owners = owners;
    }

    @Override
    int openAnother(ProtocolFamily family) throws IOException {
        return io().openListener(family);
    }

    @Override
    TcpChannel channel(int fd, ConnectionCount count) {
        Uloop owner = owners.get();
        return owner == loop()
                ? new TcpChannel(this, fd, count)
                : new TcpChannel(owner, this, fd, count);
    }

    @Override
    SocketAddress requireAddress(@Nullable SocketAddress local) {
        return local == null ? anyInet() : requireInet(local);
    }
}
