package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UnixAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A socket on a loop: the addresses and the options of {@link NetworkChannel}. */
public abstract sealed class LoopSocket extends LoopChannel implements NetworkChannel
        permits StreamChannel, Listener, UdpChannel {
    private static final Map<Kind, Set<SocketOption<?>>> OPTIONS = new ConcurrentHashMap<>();

    /** Whether an INET6 socket may serve IPv4 too; on OpenBSD it never does. */
    private static final boolean BOTH_VERSIONS =
            !Boolean.getBoolean("java.net.preferIPv4Stack")
                    && !System.getProperty("os.name").equals("OpenBSD");

    /** Errors of a machine without IPv6. */
    private static final Set<String> NO_IPV6 = Set.of("EAFNOSUPPORT", "EADDRNOTAVAIL");

    private final ProtocolFamily family;

    /** What decides which options a socket has. */
    private record Kind(
            Class<? extends Descriptors> backend,
            Class<? extends LoopSocket> socket,
            ProtocolFamily family) {}

    LoopSocket(Uloop loop, ProtocolFamily family, int fd) {
        super(loop, fd);
        this.family = family;
    }

    /** One that a listener on another loop has accepted. */
    LoopSocket(Uloop loop, LoopSocket listener, int fd, ConnectionCount count) {
        super(loop, fd, count);
        family = listener.family;
    }

    /** One that a listener on the same loop has accepted. */
    LoopSocket(LoopSocket listener, int fd, ConnectionCount count) {
        super(listener, fd, count);
        family = listener.family;
    }

    /** The family that an internet socket for this address must be of. */
    static ProtocolFamily inetFamily(SocketAddress address) {
        return requireInet(address).getAddress() instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6;
    }

    static InetSocketAddress requireInet(SocketAddress address) {
        Objects.requireNonNull(address, "address");
        if (!(address instanceof InetSocketAddress inet)) {
            throw new UnsupportedAddressTypeException();
        }
        if (inet.isUnresolved()) {
            throw new UnresolvedAddressException();
        }
        return inet;
    }

    static boolean isUnix(SocketAddress address) {
        return address instanceof UnixDomainSocketAddress || address instanceof UnixAddress;
    }

    static SocketAddress requireUnix(SocketAddress address) {
        Objects.requireNonNull(address, "address");
        if (!isUnix(address)) {
            throw new UnsupportedAddressTypeException();
        }
        return address;
    }

    /**
     * Gives the socket a local address.
     *
     * @param local of the socket's kind; null for any
     * @return this
     * @throws AlreadyBoundException if it has one
     * @throws UnsupportedAddressTypeException if it is another kind of address
     * @throws UnresolvedAddressException if its host name is not resolved
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES
     * @see <a href="https://man7.org/linux/man-pages/man2/bind.2.html">bind(2)</a>
     */
    @Override
    public abstract LoopSocket bind(@Nullable SocketAddress local) throws IOException;

    /**
     * The address of this end.
     *
     * @return the address; null while unbound, for a unix-domain socket without a name, and with
     *     NIO while a connect is under way
     * @throws IOException {@link java.nio.channels.ClosedChannelException} if this is closed
     */
    @Override
    public final @Nullable SocketAddress getLocalAddress() throws IOException {
        try {
            return io().localAddress(openFd());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Sets a socket option.
     *
     * @param <T> the option's type
     * @param option one of {@link #supportedOptions}
     * @param value its value
     * @return this
     * @throws UnsupportedOperationException if the socket has no such option
     * @throws IllegalArgumentException if the value is null, of another type or out of range; an
     *     SO_LINGER of more than 0 is, because a close would hold the loop up
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EINVAL
     */
    @Override
    public final <T> LoopSocket setOption(SocketOption<T> option, T value) throws IOException {
        Objects.requireNonNull(option, "option");
        try {
            io().setOption(openFd(), option, value);
        } finally {
            Reference.reachabilityFence(this);
        }
        return this;
    }

    /**
     * Reads a socket option.
     *
     * @param <T> the option's type
     * @param option one of {@link #supportedOptions}
     * @return its value; null where the option has none
     * @throws UnsupportedOperationException if the socket has no such option
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EINVAL
     */
    @Override
    public final <T> @Nullable T getOption(SocketOption<T> option) throws IOException {
        Objects.requireNonNull(option, "option");
        try {
            return io().option(openFd(), option);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * The options that this kind of socket has on its backend and this system, also when it is
     * closed. A socket opened for the purpose tells them when they are first asked for. Any thread.
     *
     * @return of {@link java.net.StandardSocketOptions}, {@link
     *     io.uloop.poller.KernelSocketOptions} and {@code jdk.net.ExtendedSocketOptions}; cannot be
     *     changed
     * @throws UncheckedIOException EMFILE, ENFILE, the first time
     */
    @Override
    public final Set<SocketOption<?>> supportedOptions() {
        Kind kind = new Kind(io().getClass(), getClass(), family);
        return OPTIONS.computeIfAbsent(kind, first -> optionsOfAnother());
    }

    private Set<SocketOption<?>> optionsOfAnother() {
        try {
            int fd = openAnother(family);
            try {
                return io().supportedOptions(fd);
            } finally {
                io().close(fd);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens a descriptor of the same kind. */
    abstract int openAnother(ProtocolFamily family) throws IOException;

    /** Binds an internet socket. */
    final void bindInet(@Nullable SocketAddress local) throws IOException {
        bindOnce(local == null ? anyInet() : requireInet(local));
    }

    /** Binds a socket that is not bound yet. */
    final void bindOnce(SocketAddress local) throws IOException {
        try {
            requireUnbound();
            io().bind(openFd(), local);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    final void requireUnbound() throws IOException {
        if (getLocalAddress() != null) {
            throw new AlreadyBoundException();
        }
    }

    /** Any address of either family: an INET6 socket takes it for its own, not the reverse. */
    static InetSocketAddress anyInet() {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[4]), 0);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of 4 bytes is legal", e);
        }
    }

    /**
     * Opens an internet socket and binds it. For any address it takes both versions of the protocol
     * where the machine has both, as the JDK's sockets do.
     *
     * @param local where the binding binds it
     */
    static <C extends LoopSocket> C openBound(
            SocketAddress local, OfFamily<C> opener, Opening<? super C> binding)
            throws IOException {
        if (BOTH_VERSIONS && requireInet(local).getAddress().isAnyLocalAddress()) {
            try {
                return orClose(opener.open(StandardProtocolFamily.INET6), binding);
            } catch (PollerException e) {
                if (!NO_IPV6.contains(e.errno())) {
                    throw e;
                }
            }
        }
        return orClose(opener.open(inetFamily(local)), binding);
    }

    /** Opens a socket of a family. */
    @FunctionalInterface
    interface OfFamily<C> {
        C open(ProtocolFamily family) throws IOException;
    }

    /** Closes what was opened for something that has failed. */
    static <C extends LoopChannel> C orClose(C channel, Opening<? super C> opening)
            throws IOException {
        try {
            opening.open(channel);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.closeAfter(e);
            throw e;
        }
    }

    /** What remains to be done with a channel until it can be given out. */
    @FunctionalInterface
    interface Opening<C> {
        void open(C channel) throws IOException;
    }

    static int openInet(Uloop loop, ProtocolFamily family, Opener opener) throws IOException {
        if (family != StandardProtocolFamily.INET && family != StandardProtocolFamily.INET6) {
            throw new UnsupportedOperationException(
                    "an internet socket is of family INET or INET6, not " + family.name());
        }
        return opener.open(loop.descriptors(), family);
    }

    /** One of the open methods. */
    @FunctionalInterface
    interface Opener {
        int open(Descriptors io, ProtocolFamily family) throws IOException;
    }
}
