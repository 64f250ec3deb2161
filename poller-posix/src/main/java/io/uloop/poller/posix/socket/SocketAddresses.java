package io.uloop.poller.posix.socket;

import io.uloop.poller.DatagramAddress;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UnixAddress;
import io.uloop.poller.posix.call.Constant;
import io.uloop.poller.posix.call.OperatingSystem;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.Objects;

/**
 * Reads and writes {@code struct sockaddr_in}, {@code sockaddr_in6} and {@code sockaddr_un} at the
 * start of a block. Ports, flow and addresses are in network byte order, everything else in native
 * byte order.
 *
 * <pre>
 *              Linux    BSD, macOS
 * length                u8@0
 * family       u16@0    u8@1
 * port         u16@2    u16@2     of in and in6
 * in address   u8[4]@4            16 bytes in all
 * in6 flow     u32@4
 * in6 address  u8[16]@8
 * in6 scope    u32@24             28 bytes in all
 * un path      [108]@2  [104]@2   NUL-terminated; on Linux, an abstract name begins with
 *                                 a NUL and ends with the struct
 * </pre>
 */
final class SocketAddresses {
    static final int AF_UNIX = Constant.AF_UNIX.value();
    static final int AF_INET = Constant.AF_INET.value();
    static final int AF_INET6 = Constant.AF_INET6.value();

    /** This system's layout. */
    static final SocketAddresses NATIVE = new SocketAddresses(OperatingSystem.HERE.isBsd());

    static final int PORT = 2;
    static final int IN_ADDRESS = 4;
    static final int IN_BYTES = 16;
    static final int IN6_FLOW = 4;
    static final int IN6_ADDRESS = 8;
    static final int IN6_SCOPE = 24;
    static final int IN6_BYTES = 28;
    private static final int IN6_MAPPED = IN6_ADDRESS + 10;
    private static final int PATH = 2;

    private final boolean bsd;

    /**
     * @param bsd whether to use the layout of the BSDs and macOS
     */
    SocketAddresses(boolean bsd) {
        this.bsd = bsd;
    }

    /** {@return the maximum length of a unix-domain path, in bytes} */
    int maxPathBytes() {
        return bsd ? 103 : 107;
    }

    /**
     * Returns the family of the address in a block. Some systems use length 0 for an unnamed
     * address.
     */
    int family(ByteBuffer block, int length) {
        return family(block, 0, length);
    }

    /** Like {@link #family(ByteBuffer, int)}, for an address at another offset. */
    int family(ByteBuffer block, int at, int length) {
        if (length < PATH) {
            return AF_UNIX;
        }
        return bsd ? block.get(at + 1) & 0xff : block.getShort(at) & 0xffff;
    }

    /** Returns whether the internet address in a block has a port; true for other families. */
    boolean isBound(ByteBuffer block, int family) {
        return (family != AF_INET && family != AF_INET6) || block.getShort(PORT) != 0;
    }

    /** {@return the address family of an address} */
    static int familyOf(SocketAddress address) {
        if (address instanceof UnixDomainSocketAddress || address instanceof UnixAddress) {
            return AF_UNIX;
        }
        return resolved(address) instanceof Inet4Address ? AF_INET : AF_INET6;
    }

    /**
     * Writes an address for a socket of the given family. An IPv4 address is mapped for INET6.
     *
     * @param syscall the call named in the exception
     * @param fd the socket named in the exception
     * @return the length of the struct
     * @throws PollerException EAFNOSUPPORT if the socket's family cannot express the address,
     *     ENAMETOOLONG
     */
    int put(ByteBuffer block, int family, SocketAddress address, String syscall, int fd)
            throws PollerException {
        int natural = familyOf(address);
        boolean mapped = family == AF_INET6 && natural == AF_INET;
        if (family != natural && !mapped) {
            throw ofAnotherFamily(address, syscall, fd);
        }
        if (natural == AF_UNIX) {
            return putUnix(block, 0, new DatagramAddress(address), syscall, fd);
        }
        int length = family == AF_INET6 ? IN6_BYTES : IN_BYTES;
        block.put(0, new byte[length]);
        putHead(block, 0, family, length);
        int port = ((InetSocketAddress) address).getPort();
        block.put(PORT, (byte) (port >>> 8));
        block.put(PORT + 1, (byte) port);
        putInet(block, resolved(address), mapped, family);
        return length;
    }

    static PollerException ofAnotherFamily(Object address, String syscall, int fd) {
        return new PollerException(
                syscall,
                address.toString(),
                fd,
                Errno.EAFNOSUPPORT,
                "the socket has another family; open one of the address's family");
    }

    private static void putInet(ByteBuffer block, InetAddress inet, boolean mapped, int family) {
        byte[] bytes = inet.getAddress();
        if (mapped) {
            if (!inet.isAnyLocalAddress()) { // as in NIO, the IPv4 wildcard becomes the IPv6 one
                block.put(IN6_MAPPED, (byte) 0xff);
                block.put(IN6_MAPPED + 1, (byte) 0xff);
                block.put(IN6_MAPPED + 2, bytes);
            }
        } else if (family == AF_INET6) {
            block.put(IN6_ADDRESS, bytes);
            block.putInt(IN6_SCOPE, ((Inet6Address) inet).getScopeId());
        } else {
            block.put(IN_ADDRESS, bytes);
        }
    }

    /**
     * Writes a unix-domain address. An empty name gives the unnamed address, for which bind(2)
     * picks an abstract name on Linux.
     *
     * @param syscall the call named in the exception
     * @param fd the socket named in the exception
     * @return the length of the struct
     * @throws PollerException ENAMETOOLONG; EINVAL if the name is abstract and this is not Linux
     */
    int putUnix(ByteBuffer block, int at, DatagramAddress source, String syscall, int fd)
            throws PollerException {
        int length = source.nameLength();
        requireName(length, source, syscall, fd);
        putHead(block, at, AF_UNIX, length == 0 ? PATH : PATH + length + 1);
        if (length == 0) {
            return PATH;
        }
        source.putName(block, at + PATH);
        if (block.get(at + PATH) == 0) {
            if (bsd) {
                throw new PollerException(
                        syscall,
                        "" + source,
                        fd,
                        Errno.EINVAL,
                        "only Linux has abstract names; use a path");
            }
            return PATH + length;
        }
        if (length > maxPathBytes()) {
            return PATH + length; // the kernel adds the NUL
        }
        block.put(at + PATH + length, (byte) 0);
        return PATH + length + 1;
    }

    /** Checks the length of a path with its NUL. A name from the kernel may fill the struct. */
    private void requireName(int length, DatagramAddress source, String syscall, int fd)
            throws PollerException {
        int max = maxPathBytes();
        if (length > max && (length > max + 1 || isPath(source))) {
            throw new PollerException(
                    syscall,
                    source.toString(),
                    fd,
                    Errno.ENAMETOOLONG,
                    "the path of a socket has at most "
                            + max
                            + " bytes, and this one has "
                            + length
                            + "; use a shorter or relative path");
        }
    }

    private static boolean isPath(DatagramAddress address) {
        return address.toSocketAddress() instanceof UnixDomainSocketAddress;
    }

    /** Writes the head of a struct. */
    void putHead(ByteBuffer block, int at, int family, int length) {
        if (bsd) {
            block.put(at, (byte) length);
            block.put(at + 1, (byte) family);
        } else {
            block.putShort(at, (short) family);
        }
    }

    /** Reads the address in a block. */
    SocketAddress get(ByteBuffer block, int length) {
        int family = family(block, length);
        if (family == AF_UNIX) {
            DatagramAddress address = new DatagramAddress();
            getUnix(block, 0, length, address);
            return Objects.requireNonNull(address.toSocketAddress());
        }
        int port = (block.get(PORT) & 0xff) << 8 | (block.get(PORT + 1) & 0xff);
        byte[] bytes = new byte[family == AF_INET6 ? 16 : 4];
        block.get(family == AF_INET6 ? IN6_ADDRESS : IN_ADDRESS, bytes);
        int scope = family == AF_INET6 ? block.getInt(IN6_SCOPE) : 0;
        try {
            return new InetSocketAddress(
                    scope != 0
                            ? Inet6Address.getByAddress(null, bytes, scope)
                            : InetAddress.getByAddress(bytes), // a mapped address becomes IPv4
                    port);
        } catch (UnknownHostException e) {
            throw new AssertionError("addresses of 4 and 16 bytes are valid", e);
        }
    }

    /** Reads a unix-domain address. */
    void getUnix(ByteBuffer block, int at, int length, DatagramAddress target) {
        int end = Math.min(length - PATH, maxPathBytes() + 1);
        if (end <= 0) {
            target.setUnix(block, at, 0);
            return;
        }
        int nameLength = 0;
        if (block.get(at + PATH) == 0) {
            nameLength = bsd ? 0 : end; // an abstract name extends to the end
        } else {
            while (nameLength < end && block.get(at + PATH + nameLength) != 0) {
                nameLength++;
            }
        }
        target.setUnix(block, at + PATH, nameLength);
    }

    private static InetAddress resolved(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            throw new UnsupportedAddressTypeException();
        }
        InetAddress resolved = inet.getAddress();
        if (resolved == null) {
            throw new UnresolvedAddressException();
        }
        return resolved;
    }
}
