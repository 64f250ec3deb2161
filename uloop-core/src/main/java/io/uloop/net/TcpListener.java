package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.DescriptorKind;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A listening TCP socket on a loop. SO_REUSEADDR is on.
 *
 * <pre>{@code
 * TcpListener listener = TcpListener.open(loop, new InetSocketAddress(7000));
 * listener.register(channel -> channel.register(UEvent.IN, (fd, events) -> read(channel)));
 * }</pre>
 *
 * <p>The thread rules are those of {@link Listener}.
 *
 * @since 0.1
 */
public final class TcpListener extends Listener<TcpChannel> {
    private static final Adoption ADOPTION =
            new Adoption(
                    TcpListener.class,
                    "a listening TCP socket",
                    kind ->
                            kind.type() == DescriptorKind.Type.STREAM_SOCKET
                                    && kind.isInternet()
                                    && kind.listening());

    private Supplier<Uloop> owners = this::loop;

    private TcpListener(Uloop loop, ProtocolFamily family, int fd) {
        super(loop, family, fd, TcpChannel.class);
    }

    /**
     * Opens an unbound socket. Set its options, then {@link #bind} it. An INET6 socket also accepts
     * IPv4 connections, unless {@link io.uloop.poller.KernelSocketOptions#IPV6_V6ONLY} is set
     * before it is bound.
     *
     * @param loop the loop that will serve it
     * @param family {@link java.net.StandardProtocolFamily#INET} or {@link
     *     java.net.StandardProtocolFamily#INET6}
     * @return an unbound listener
     * @throws UnsupportedOperationException if the family is another one
     * @throws IOException EMFILE, ENFILE, EAFNOSUPPORT
     */
    public static TcpListener open(Uloop loop, ProtocolFamily family) throws IOException {
        return orClose(
                new TcpListener(loop, family, openInet(loop, family, Descriptors::openListener)),
                listener -> listener.setOption(StandardSocketOptions.SO_REUSEADDR, true));
    }

    /**
     * Opens a socket, binds it and listens with a backlog of 1024. To listen on only one version of
     * IP, call {@link #open(Uloop, ProtocolFamily)} and {@link #bind} instead.
     *
     * @param loop the loop that will serve it
     * @param local an {@link java.net.InetSocketAddress}; port 0 for any port. For a wildcard
     *     address, the socket serves IPv4 and IPv6 where the machine has both
     * @return a listener; connections wait in the backlog until {@link #register(AcceptHandler)}
     * @throws IOException as {@link #open(Uloop, SocketAddress, int)}
     */
    public static TcpListener open(Uloop loop, SocketAddress local) throws IOException {
        return open(loop, local, BACKLOG);
    }

    /**
     * Opens a socket, binds it and listens.
     *
     * @param loop the loop that will serve it
     * @param local an {@link java.net.InetSocketAddress}; port 0 for any port. For a wildcard
     *     address, the socket serves IPv4 and IPv6 where the machine has both
     * @param backlog how many connections may wait to be accepted, 1 or more; the kernel may cap it
     * @return a listener; connections wait in the backlog until {@link #register(AcceptHandler)}
     * @throws java.nio.channels.UnsupportedAddressTypeException if the address is of another type
     * @throws java.nio.channels.UnresolvedAddressException if the address is not resolved
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE, ENFILE
     */
    public static TcpListener open(Uloop loop, SocketAddress local, int backlog)
            throws IOException {
        return openBound(
                local, family -> open(loop, family), listener -> listener.bind(local, backlog));
    }

    /**
     * Opens a configured socket, binds it and listens with a backlog of 1024.
     *
     * @param loop the loop that will serve it
     * @param local an {@link java.net.InetSocketAddress}; port 0 for any port. For a wildcard
     *     address, the socket serves IPv4 and IPv6 where the machine has both
     * @param preparation configures the socket before it is bound
     * @return a listener; connections wait in the backlog until {@link #register(AcceptHandler)}
     * @throws IOException as {@link #open(Uloop, SocketAddress, int)}; any exception of the
     *     preparation
     */
    public static TcpListener open(Uloop loop, SocketAddress local, ListenerPreparation preparation)
            throws IOException {
        return openBound(
                local,
                family -> open(loop, family),
                listener -> {
                    preparation.prepare(listener);
                    listener.bind(local);
                });
    }

    /**
     * Takes over a listening TCP socket that other code has opened, such as one of {@link
     * SocketActivation}. Makes it non-blocking and, above 2, close-on-exec.
     *
     * @param loop the loop that will serve it
     * @param fd one of the loop's {@link Uloop#descriptors}, not registered; owned by the listener
     *     from now on
     * @return the listener
     * @throws IOException EINVAL or ENOTSOCK if the descriptor is of another kind, EBADF; the
     *     descriptor then stays the caller's and unchanged
     */
    public static TcpListener adopt(Uloop loop, int fd) throws IOException {
        return ADOPTION.of(loop, fd, kind -> new TcpListener(loop, Adoption.family(kind), fd));
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

    /**
     * Creates the channels of connections on other loops of the same backend. Calls the {@link
     * AcceptHandler} on this loop's thread nevertheless. The handler passes each channel to its
     * loop.
     *
     * @param owners returns the loop of the next connection
     */
    public void acceptFor(Supplier<Uloop> owners) {
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
