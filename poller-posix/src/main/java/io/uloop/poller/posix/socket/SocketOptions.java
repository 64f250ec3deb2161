package io.uloop.poller.posix.socket;

import static io.uloop.poller.posix.socket.OptionEncoding.BUFFER_BYTES;
import static io.uloop.poller.posix.socket.OptionEncoding.BYTE_FLAG;
import static io.uloop.poller.posix.socket.OptionEncoding.BYTE_OCTET;
import static io.uloop.poller.posix.socket.OptionEncoding.FLAG;
import static io.uloop.poller.posix.socket.OptionEncoding.INTERFACE_ADDRESS;
import static io.uloop.poller.posix.socket.OptionEncoding.INTERFACE_INDEX;
import static io.uloop.poller.posix.socket.OptionEncoding.LINGER;
import static io.uloop.poller.posix.socket.OptionEncoding.NUMBER;
import static io.uloop.poller.posix.socket.OptionEncoding.OCTET;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Constant;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.OperatingSystem;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.file.SocketType;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.spi.Linger;
import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sets and reads the options of {@link java.net.StandardSocketOptions} and {@link
 * io.uloop.poller.KernelSocketOptions}, and the simple ones of {@code
 * jdk.net.ExtendedSocketOptions}. Options are looked up by name, so that module jdk.net is not
 * required.
 */
public final class SocketOptions {
    private static final int SOL_SOCKET = Constant.SOL_SOCKET.value();
    private static final int IPPROTO_IP = Constant.IPPROTO_IP.value();
    private static final int IPPROTO_IPV6 = Constant.IPPROTO_IPV6.value();
    private static final int IPPROTO_TCP = Constant.IPPROTO_TCP.value();
    private static final int ENOPROTOOPT = Posix.number(Errno.ENOPROTOOPT);
    private static final int EOPNOTSUPP = Posix.number(Errno.EOPNOTSUPP);

    /** The kernel's number and encoding of an option. */
    private record Option(int level, int name, OptionEncoding encoding) {}

    private static final Map<String, Option> COMMON = new HashMap<>();
    private static final Map<String, Option> INET = new HashMap<>();
    private static final Map<String, Option> INET6 = new HashMap<>();

    static {
        common("SO_REUSEADDR", SOL_SOCKET, Constant.SO_REUSEADDR, FLAG);
        common("SO_REUSEPORT", SOL_SOCKET, Constant.SO_REUSEPORT, FLAG);
        common("SO_KEEPALIVE", SOL_SOCKET, Constant.SO_KEEPALIVE, FLAG);
        common("SO_BROADCAST", SOL_SOCKET, Constant.SO_BROADCAST, FLAG);
        common("SO_SNDBUF", SOL_SOCKET, Constant.SO_SNDBUF, BUFFER_BYTES);
        common("SO_RCVBUF", SOL_SOCKET, Constant.SO_RCVBUF, BUFFER_BYTES);
        common("SO_LINGER", SOL_SOCKET, Constant.SO_LINGER, LINGER);
        common(
                "SO_TIMESTAMP",
                SOL_SOCKET,
                Constant.SO_TIMESTAMPNS.isDefined()
                        ? Constant.SO_TIMESTAMPNS
                        : Constant.SO_TIMESTAMP,
                FLAG);
        common("SO_OOBINLINE", SOL_SOCKET, Constant.SO_OOBINLINE, FLAG);
        common("TCP_NODELAY", IPPROTO_TCP, Constant.TCP_NODELAY, FLAG);
        boolean corks = Constant.TCP_CORK.isDefined();
        Constant cork = corks ? Constant.TCP_CORK : Constant.TCP_NOPUSH;
        common("TCP_CORK", IPPROTO_TCP, cork, FLAG);
        common("TCP_QUICKACK", IPPROTO_TCP, Constant.TCP_QUICKACK, FLAG);
        common("TCP_DEFER_ACCEPT", IPPROTO_TCP, Constant.TCP_DEFER_ACCEPT, NUMBER);
        common("TCP_USER_TIMEOUT", IPPROTO_TCP, Constant.TCP_USER_TIMEOUT, NUMBER);
        common("TCP_KEEPIDLE", IPPROTO_TCP, Constant.TCP_KEEPIDLE, NUMBER);
        common("TCP_KEEPINTERVAL", IPPROTO_TCP, Constant.TCP_KEEPINTVL, NUMBER);
        common("TCP_KEEPCOUNT", IPPROTO_TCP, Constant.TCP_KEEPCNT, NUMBER);
        if (OperatingSystem.HERE == OperatingSystem.DARWIN) {
            // SO_LINGER counts in ticks here, SO_LINGER_SEC in seconds. TCP_KEEPALIVE,
            // TCP_KEEPINTVL and TCP_KEEPCNT are those of netinet/tcp.h.
            COMMON.put("SO_LINGER", new Option(SOL_SOCKET, 0x1080, LINGER));
            COMMON.put("TCP_KEEPIDLE", new Option(IPPROTO_TCP, 0x10, NUMBER));
            COMMON.put("TCP_KEEPINTERVAL", new Option(IPPROTO_TCP, 0x101, NUMBER));
            COMMON.put("TCP_KEEPCOUNT", new Option(IPPROTO_TCP, 0x102, NUMBER));
            INET6.put("IP_PKTINFO", new Option(IPPROTO_IPV6, 61, FLAG)); // of RFC 3542
        }

        if (Linux.HERE) {
            COMMON.put("UDP_GRO", new Option(Linux.SOL_UDP, Linux.UDP_GRO, FLAG));
        }

        inet("IP_TOS", Constant.IP_TOS, OCTET);
        inet("IP_TTL", Constant.IP_TTL, OCTET);
        boolean hasIndex = Constant.IP_PKTINFO.isDefined();
        inet("IP_PKTINFO", hasIndex ? Constant.IP_PKTINFO : Constant.IP_RECVDSTADDR, FLAG);
        inet("IP_RECVERR", Constant.IP_RECVERR, FLAG);
        inet("IP_MULTICAST_IF", Constant.IP_MULTICAST_IF, INTERFACE_ADDRESS);
        inet("IP_MULTICAST_TTL", Constant.IP_MULTICAST_TTL, BYTE_OCTET);
        inet("IP_MULTICAST_LOOP", Constant.IP_MULTICAST_LOOP, BYTE_FLAG);

        inet6("IPV6_V6ONLY", Constant.IPV6_V6ONLY, FLAG);
        inet6("IP_TOS", Constant.IPV6_TCLASS, OCTET);
        inet6("IP_TTL", Constant.IPV6_UNICAST_HOPS, OCTET);
        inet6("IP_PKTINFO", Constant.IPV6_RECVPKTINFO, FLAG);
        inet6("IP_RECVERR", Constant.IPV6_RECVERR, FLAG);
        inet6("IP_MULTICAST_IF", Constant.IPV6_MULTICAST_IF, INTERFACE_INDEX);
        inet6("IP_MULTICAST_TTL", Constant.IPV6_MULTICAST_HOPS, OCTET);
        inet6("IP_MULTICAST_LOOP", Constant.IPV6_MULTICAST_LOOP, FLAG);
    }

    /** Options that kernels store for every socket but apply only to one type. */
    private static final Set<String> OF_STREAMS =
            Set.of("SO_KEEPALIVE", "SO_LINGER", "SO_OOBINLINE");

    private static final Set<String> OF_DATAGRAMS =
            Set.of(
                    "SO_BROADCAST",
                    "SO_TIMESTAMP",
                    "IP_MULTICAST_IF",
                    "IP_MULTICAST_TTL",
                    "IP_MULTICAST_LOOP",
                    "IP_PKTINFO",
                    "IP_RECVERR");

    private final Libc.Calls libc;
    private final Sockets sockets;

    public SocketOptions(Libc.Calls libc, Sockets sockets) {
        this.libc = libc;
        this.sockets = sockets;
    }

    private static void common(String name, int level, Constant option, OptionEncoding encoding) {
        add(COMMON, name, level, option, encoding);
    }

    private static void inet(String name, Constant option, OptionEncoding encoding) {
        add(INET, name, IPPROTO_IP, option, encoding);
    }

    private static void inet6(String name, Constant option, OptionEncoding encoding) {
        add(INET6, name, IPPROTO_IPV6, option, encoding);
    }

    private static void add(
            Map<String, Option> options,
            String name,
            int level,
            Constant option,
            OptionEncoding encoding) {
        if (option.isDefined()) {
            options.put(name, new Option(level, option.value(), encoding));
        }
    }

    /** Returns whether a number at SOL_SOCKET is that of SO_LINGER, in whatever unit. */
    static boolean isLinger(int name) {
        Option linger = COMMON.get("SO_LINGER");
        return name == Constant.SO_LINGER.value() || (linger != null && name == linger.name);
    }

    public <T> void set(int fd, java.net.SocketOption<T> name, T value) throws PollerException {
        Posix.requireDescriptor("setsockopt", fd);
        Option option = find(fd, name, "setsockopt");
        if (!option.encoding.type.isInstance(value)) {
            throw new IllegalArgumentException(name.name() + " cannot be " + value);
        }
        Linger.requireNone(name, value);
        if (option.level != IPPROTO_IPV6 || !Linux.HERE || !INET.containsKey(name.name())) {
            set(fd, name, option, value);
            return;
        }
        T former = get(fd, name);
        set(fd, name, option, value);
        try {
            setMapped(fd, name, value);
        } catch (PollerException | RuntimeException e) {
            if (former != null) {
                set(fd, name, option, former);
            }
            throw e;
        }
    }

    /** Linux has separate settings for the IPv4 peers of an INET6 socket. */
    private void setMapped(int fd, java.net.SocketOption<?> name, Object value)
            throws PollerException {
        Option option = INET.get(name.name());
        boolean nameless =
                value instanceof NetworkInterface link && OptionEncoding.inetAddress(link) == null;
        if (option != null && !nameless) {
            set(fd, name, option, value);
        }
    }

    private void set(int fd, java.net.SocketOption<?> name, Option option, Object value)
            throws PollerException {
        Scratch scratch = Scratch.mine();
        option.encoding.put(scratch.block(), value);
        long address = scratch.address(Scratch.VALUE);
        if (libc.setsockopt(fd, option.level, option.name, address, option.encoding.bytes) < 0) {
            throw failure("setsockopt", fd, name);
        }
    }

    public <T> @Nullable T get(int fd, java.net.SocketOption<T> name) throws PollerException {
        Posix.requireDescriptor("getsockopt", fd);
        Option option = find(fd, name, "getsockopt");
        Scratch scratch = Scratch.mine();
        ByteBuffer block = scratch.block().putInt(Scratch.LENGTH, option.encoding.bytes);
        long value = scratch.address(Scratch.VALUE);
        long length = scratch.address(Scratch.LENGTH);
        if (libc.getsockopt(fd, option.level, option.name, value, length) < 0) {
            throw failure("getsockopt", fd, name);
        }
        try {
            return name.type().cast(option.encoding.get(block));
        } catch (IOException e) { // the JVM cannot list its network interfaces
            PollerException error =
                    new PollerException(
                            "getsockopt", name.name(), fd, Errno.EIO, "" + e.getMessage());
            error.initCause(e);
            throw error;
        }
    }

    /** Returns the known options that the kernel supports and that apply to the socket. */
    public Set<java.net.SocketOption<?>> supported(int fd) throws PollerException {
        Set<String> others = SocketType.isDatagram(libc, fd) ? OF_STREAMS : OF_DATAGRAMS;
        Set<java.net.SocketOption<?>> supported = new HashSet<>();
        for (java.net.SocketOption<?> option : NamedOptions.ALL) {
            if (!others.contains(option.name()) && has(fd, option)) {
                supported.add(option);
            }
        }
        return Set.copyOf(supported);
    }

    private boolean has(int fd, java.net.SocketOption<?> option) throws PollerException {
        try {
            get(fd, option);
            return true;
        } catch (UnsupportedOperationException e) {
            return false;
        }
    }

    private Option find(int fd, java.net.SocketOption<?> name, String syscall)
            throws PollerException {
        Option option = COMMON.get(name.name());
        if (option == null) {
            int family = sockets.family(fd, syscall);
            if (family == SocketAddresses.AF_INET) {
                option = INET.get(name.name());
            } else if (family == SocketAddresses.AF_INET6) {
                option = INET6.get(name.name());
            }
        }
        if (option == null || option.encoding.type != name.type()) {
            throw unsupported(fd, name);
        }
        return option;
    }

    private static PollerException failure(String syscall, int fd, java.net.SocketOption<?> name) {
        int errno = Posix.errno();
        if (errno == ENOPROTOOPT || errno == EOPNOTSUPP) {
            throw unsupported(fd, name);
        }
        return Posix.failure(syscall, name.name(), fd, errno);
    }

    private static UnsupportedOperationException unsupported(
            int fd, java.net.SocketOption<?> name) {
        return new UnsupportedOperationException(
                "this kind of socket does not support "
                        + name.name()
                        + " on "
                        + System.getProperty("os.name")
                        + " (fd="
                        + fd
                        + ")");
    }
}
