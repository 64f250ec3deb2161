package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UnixAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A socket on a loop, with the addresses and options of {@link NetworkChannel}.
 *
 * <p>The thread rules are those of {@link LoopChannel}.
 *
 * @since 0.1
 */
public abstract class LoopSocket extends LoopChannel implements NetworkChannel {
    private static final Map<Kind, Set<SocketOption<?>>> OPTIONS = new ConcurrentHashMap<>();

    /** Whether an INET6 socket can also serve IPv4. On OpenBSD it never can. */
    private static final boolean BOTH_VERSIONS =
            !Boolean.getBoolean("java.net.preferIPv4Stack")
                    && !System.getProperty("os.name").equals("OpenBSD");

    /** Errors reported on machines without IPv6. */
    private static final Set<Errno> NO_IPV6 = Set.of(Errno.EAFNOSUPPORT, Errno.EADDRNOTAVAIL);

    /** The ordinal of a {@link StandardProtocolFamily}, in one byte of every connection. */
    private final byte family;

    /** The key of the sockets that support the same options. */
    private record Kind(
            Class<? extends Descriptors> backend,
            Class<? extends LoopSocket> socket,
            ProtocolFamily family) {}

    @SuppressWarnings("EnumOrdinal") // read back by family() only
    LoopSocket(Uloop loop, ProtocolFamily family, int fd) {
        super(loop, fd);
        this.family = (byte) ((StandardProtocolFamily) family).ordinal();
    }

    /** Creates a socket accepted by a listener on another loop. */
    LoopSocket(Uloop loop, LoopSocket listener, int fd, ConnectionCount count) {
        super(loop, fd, count);
        family = listener.family;
    }

    /** Creates a socket accepted by a listener on the same loop. */
    LoopSocket(LoopSocket listener, int fd, ConnectionCount count) {
        super(listener, fd, count);
        family = listener.family;
    }

    /** Returns the family of an internet socket for an address. */
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
     * Binds the socket to a local address.
     *
     * @param local an address of the socket's family; null for any address
     * @return this
     * @throws AlreadyBoundException if the socket is bound
     * @throws UnsupportedAddressTypeException if the address is of another type
     * @throws UnresolvedAddressException if the address is not resolved
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES
     * @see <a href="https://man7.org/linux/man-pages/man2/bind.2.html">bind(2)</a>
     */
    @Override
    public abstract LoopSocket bind(@Nullable SocketAddress local) throws IOException;

    /**
     * {@return the local address; null while unbound, for an unnamed unix-domain socket, and on the
     * select backend while a connect is in progress}
     *
     * @throws IOException {@link java.nio.channels.ClosedChannelException} if this is closed
     */
    @Override
    public final @Nullable SocketAddress getLocalAddress() throws IOException {
        return kept(io().localAddress(openFd()));
    }

    /**
     * Sets a socket option.
     *
     * @param <T> the option's type
     * @param option one of {@link #supportedOptions}
     * @param value its value
     * @return this
     * @throws UnsupportedOperationException if the socket does not support the option
     * @throws IllegalArgumentException if the value is null, has another type or is out of range;
     *     an SO_LINGER of more than 0 is refused, because close(2) would block the loop
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EINVAL
     */
    @Override
    public final <T> LoopSocket setOption(SocketOption<T> option, T value) throws IOException {
        Objects.requireNonNull(option, "option");
        io().setOption(openFd(), option, value);
        keep();
        return this;
    }

    /**
     * Returns the value of a socket option.
     *
     * @param <T> the option's type
     * @param option one of {@link #supportedOptions}
     * @return its value; null if it is not set
     * @throws UnsupportedOperationException if the socket does not support the option
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EINVAL
     */
    @Override
    public final <T> @Nullable T getOption(SocketOption<T> option) throws IOException {
        Objects.requireNonNull(option, "option");
        return kept(io().option(openFd(), option));
    }

    /**
     * Sets a socket option by its numbers, for options that {@link #supportedOptions} lacks. The
     * numbers and encodings differ between systems. Requires a native backend.
     *
     * @param level the level, such as SOL_SOCKET
     * @param name the number of the option
     * @param value the value, of type int in C
     * @return this
     * @throws UnsupportedOperationException on the select backend
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ENOPROTOOPT if the socket does not have the option; EINVAL, EPERM
     * @see <a href="https://man7.org/linux/man-pages/man2/setsockopt.2.html">setsockopt(2)</a>
     */
    public final LoopSocket setOption(int level, int name, int value) throws IOException {
        nativeIo().setOption(openFd(), level, name, value);
        keep();
        return this;
    }

    /**
     * Sets a socket option by its numbers. Requires a native backend.
     *
     * @param level the level, such as SOL_SOCKET
     * @param name the number of the option
     * @param value the remaining bytes are the value in C; its position does not change
     * @return this
     * @throws UnsupportedOperationException on the select backend
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link #setOption(int, int, int)}
     */
    public final LoopSocket setOption(int level, int name, ByteBuffer value) throws IOException {
        nativeIo().setOption(openFd(), level, name, value);
        keep();
        return this;
    }

    /**
     * Returns the value of a socket option by its numbers. Requires a native backend.
     *
     * @param level the level, such as SOL_SOCKET
     * @param name the number of the option
     * @return the value of an option whose type is int in C
     * @throws UnsupportedOperationException on the select backend
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ENOPROTOOPT if the socket does not have the option; EINVAL
     * @see <a href="https://man7.org/linux/man-pages/man2/getsockopt.2.html">getsockopt(2)</a>
     */
    public final int getOption(int level, int name) throws IOException {
        return kept(nativeIo().option(openFd(), level, name));
    }

    /**
     * Reads a socket option by its numbers. Requires a native backend.
     *
     * @param level the level, such as SOL_SOCKET
     * @param name the number of the option
     * @param target gets the value in C
     * @return the length of the value in bytes, as far as it fits
     * @throws UnsupportedOperationException on the select backend
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link #getOption(int, int)}
     */
    public final int getOption(int level, int name, ByteBuffer target) throws IOException {
        return kept(nativeIo().option(openFd(), level, name, target));
    }

    /**
     * Takes the pending error of the socket (SO_ERROR), which the next call would otherwise report.
     * After ERR was reported, this tells why. Requires a native backend.
     *
     * @return the error; null if there is none
     * @throws UnsupportedOperationException on the select backend
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EBADF
     */
    public final @Nullable PollerException takeError() throws IOException {
        return kept(nativeIo().takeError(openFd()));
    }

    /**
     * Returns the options that this kind of socket supports on its backend and operating system,
     * even if the socket is closed. The first call for each kind opens a socket to find them.
     *
     * @return an unmodifiable set of options of {@link java.net.StandardSocketOptions}, {@link
     *     io.uloop.poller.KernelSocketOptions} and {@code jdk.net.ExtendedSocketOptions}
     * @throws UncheckedIOException EMFILE, ENFILE, on the first call
     */
    @Override
    public final Set<SocketOption<?>> supportedOptions() {
        Kind kind = new Kind(io().getClass(), getClass(), family());
        return OPTIONS.computeIfAbsent(kind, first -> optionsOfAnother());
    }

    private Set<SocketOption<?>> optionsOfAnother() {
        try {
            int fd = openAnother(family());
            try {
                return io().supportedOptions(fd);
            } finally {
                io().close(fd);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("EnumOrdinal") // stored by the constructor
    final ProtocolFamily family() {
        return StandardProtocolFamily.values()[family];
    }

    /** Opens a descriptor of the same kind. */
    abstract int openAnother(ProtocolFamily family) throws IOException;

    /** Binds an internet socket. */
    final void bindInet(@Nullable SocketAddress local) throws IOException {
        bindOnce(local == null ? anyInet() : requireInet(local));
    }

    /** Binds a socket that must not be bound yet. */
    final void bindOnce(SocketAddress local) throws IOException {
        requireUnbound();
        io().bind(openFd(), local);
        keep();
    }

    final void requireUnbound() throws IOException {
        if (getLocalAddress() != null) {
            throw new AlreadyBoundException();
        }
    }

    /**
     * Returns the IPv4 wildcard address, which INET6 sockets also accept; INET sockets do not
     * accept the IPv6 one.
     */
    static InetSocketAddress anyInet() {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[4]), 0);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of 4 bytes is legal", e);
        }
    }

    /**
     * Opens an internet socket and binds it. For a wildcard address it serves IPv4 and IPv6 where
     * the machine has both, as the JDK's sockets do.
     *
     * @param local the address that {@code binding} binds
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

    /** Opens a socket of a protocol family. */
    @FunctionalInterface
    interface OfFamily<C> {
        C open(ProtocolFamily family) throws IOException;
    }

    /** Completes the opening of a channel, and closes the channel on failure. */
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

    /** The rest of the opening of a channel. */
    @FunctionalInterface
    interface Opening<C> {
        void open(C channel) throws IOException;
    }

    static int openInet(Uloop loop, ProtocolFamily family, Opener opener) throws IOException {
        if (family != StandardProtocolFamily.INET && family != StandardProtocolFamily.INET6) {
            throw new UnsupportedOperationException(
                    "cannot open an internet socket of family "
                            + family.name()
                            + "; use INET or INET6");
        }
        return opener.open(loop.descriptors(), family);
    }

    /** An open method of {@link Descriptors}. */
    @FunctionalInterface
    interface Opener {
        int open(Descriptors io, ProtocolFamily family) throws IOException;
    }
}
