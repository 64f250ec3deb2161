package io.uloop.poller.posix.socket;

import io.uloop.poller.DatagramAddress;
import io.uloop.poller.PollerException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads and writes datagram addresses as the structs of {@link SocketAddresses}, anywhere in a
 * block in native byte order. Allocates nothing.
 */
final class DatagramAddresses {
    private static final boolean SWAPPED = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    static final long MAPPED_PREFIX = 0xffffL << 32;

    private final SocketAddresses structs;

    DatagramAddresses(SocketAddresses structs) {
        this.structs = structs;
    }

    /** Reads a sender's address into the target. */
    void get(ByteBuffer block, int at, int length, DatagramAddress target) {
        int family = structs.family(block, at, length);
        if (family == SocketAddresses.AF_UNIX) {
            structs.getUnix(block, at, length, target);
            return;
        }
        int port = network(block.getShort(at + SocketAddresses.PORT)) & 0xffff;
        if (family == SocketAddresses.AF_INET) {
            target.setInet(network(block.getInt(at + SocketAddresses.IN_ADDRESS)), port);
        } else {
            target.setInet6(
                    network(block.getLong(at + SocketAddresses.IN6_ADDRESS)),
                    network(block.getLong(at + SocketAddresses.IN6_ADDRESS + Long.BYTES)),
                    block.getInt(at + SocketAddresses.IN6_SCOPE),
                    port);
        }
    }

    /** {@return the address family of an address, or AF_INET if it has none} */
    static int familyOf(DatagramAddress address) {
        if (address.family() == StandardProtocolFamily.UNIX) {
            return SocketAddresses.AF_UNIX;
        }
        return address.family() == StandardProtocolFamily.INET6
                ? SocketAddresses.AF_INET6
                : SocketAddresses.AF_INET;
    }

    /**
     * Writes a receiver's address for a socket of the given family. An IPv4 address is mapped for
     * INET6.
     *
     * @param syscall the call named in the exception
     * @param fd the socket named in the exception
     * @return the length of the struct; 0 for none
     * @throws PollerException EAFNOSUPPORT if the socket's family cannot express the address,
     *     ENAMETOOLONG
     */
    int put(ByteBuffer block, int at, int family, DatagramAddress source, String syscall, int fd)
            throws PollerException {
        if (source.family() == null) {
            return 0;
        }
        int natural = familyOf(source);
        if (family != natural && !isMapped(family, source)) {
            throw SocketAddresses.ofAnotherFamily(source, syscall, fd);
        }
        if (natural == SocketAddresses.AF_UNIX) {
            return structs.putUnix(block, at, source, syscall, fd);
        }
        block.putShort(at + SocketAddresses.PORT, network((short) source.port()));
        if (family == SocketAddresses.AF_INET) {
            structs.putHead(block, at, family, SocketAddresses.IN_BYTES);
            block.putInt(at + SocketAddresses.IN_ADDRESS, network((int) source.lowBits()));
            block.putLong(at + SocketAddresses.IN_ADDRESS + Integer.BYTES, 0);
            return SocketAddresses.IN_BYTES;
        }
        structs.putHead(block, at, family, SocketAddresses.IN6_BYTES);
        block.putInt(at + SocketAddresses.IN6_FLOW, 0);
        long low = source.lowBits();
        // the IPv4 wildcard becomes the IPv6 one
        if (natural == SocketAddresses.AF_INET && low != 0) {
            low |= MAPPED_PREFIX;
        }
        block.putLong(at + SocketAddresses.IN6_ADDRESS, network(source.highBits()));
        block.putLong(at + SocketAddresses.IN6_ADDRESS + Long.BYTES, network(low));
        block.putInt(at + SocketAddresses.IN6_SCOPE, source.scope());
        return SocketAddresses.IN6_BYTES;
    }

    private static boolean isMapped(int family, DatagramAddress source) {
        return family == SocketAddresses.AF_INET6 && source.family() == StandardProtocolFamily.INET;
    }

    private static short network(short value) {
        return SWAPPED ? Short.reverseBytes(value) : value;
    }

    /** Converts between network and native byte order. */
    static int network(int value) {
        return SWAPPED ? Integer.reverseBytes(value) : value;
    }

    /** Converts between network and native byte order. */
    static long network(long value) {
        return SWAPPED ? Long.reverseBytes(value) : value;
    }
}
