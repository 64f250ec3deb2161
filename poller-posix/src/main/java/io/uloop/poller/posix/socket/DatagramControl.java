package io.uloop.poller.posix.socket;

import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramError;
import io.uloop.poller.DatagramInfo;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Constant;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.OperatingSystem;
import io.uloop.poller.posix.call.Posix;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;

/**
 * Reads and writes the control data of datagrams. Closes descriptors that the sender has passed,
 * because the kernel opens them wherever control data is received. Allocates nothing.
 *
 * <pre>
 * IP_PKTINFO         { u32 index; in_addr source; in_addr destination; }   Linux, macOS
 * IP_RECVDSTADDR     in_addr                                               others
 * IPV6_PKTINFO       { in6_addr address; u32 index; }
 * SCM_TIMESTAMPNS    { i64 seconds; i64 nanoseconds; }                     Linux
 * SCM_TIMESTAMP      { i64 seconds; i64 microseconds; }                    others
 * SCM_RIGHTS         i32[]
 * IP_RECVERR         { u32 errno; u8 origin, type, code, 0; u32 info, data; sockaddr reporter; }
 * </pre>
 */
final class DatagramControl {
    private static final int MSG_TRUNC = Constant.MSG_TRUNC.value();
    private static final int IPPROTO_IP = Constant.IPPROTO_IP.value();
    private static final int IPPROTO_IPV6 = Constant.IPPROTO_IPV6.value();
    private static final int SOL_SOCKET = Constant.SOL_SOCKET.value();
    private static final int IP_PKTINFO = Constant.IP_PKTINFO.value();
    private static final int IP_RECVDSTADDR = Constant.IP_RECVDSTADDR.value();
    private static final int IP_RECVERR = Constant.IP_RECVERR.value();
    private static final int IPV6_RECVERR = Constant.IPV6_RECVERR.value();
    private static final int SCM_RIGHTS = Constant.SCM_RIGHTS.value();
    private static final int SCM_TIMESTAMPNS = Constant.SCM_TIMESTAMPNS.value();
    private static final int SCM_TIMESTAMP = Constant.SCM_TIMESTAMP.value();
    private static final int IPV6_PKTINFO =
            OperatingSystem.HERE == OperatingSystem.DARWIN
                    ? 46 // of RFC 3542
                    : Constant.IPV6_PKTINFO.value();

    private static final int PKTINFO_SOURCE = 4;
    private static final int PKTINFO_DESTINATION = 8;
    private static final int PKTINFO_BYTES = 12;
    private static final int PKTINFO6_INDEX = 16;
    private static final int PKTINFO6_BYTES = 20;
    private static final int ERROR_ORIGIN = 4;
    private static final int ERROR_TYPE = 5;
    private static final int ERROR_CODE = 6;
    private static final int ERROR_INFO = 8;
    private static final int ERROR_REPORTER = 16;

    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long NANOS_PER_MICRO = 1000;
    private static final long LINK_LOCAL = 0xfe80L << 48;
    private static final long LINK_LOCAL_MASK = 0xffc0L << 48;

    private final Libc.Calls libc;
    private final MessageLayout layout = MessageLayout.NATIVE;
    private final SocketAddresses structs = SocketAddresses.NATIVE;
    private final DatagramAddresses addresses = new DatagramAddresses(structs);

    DatagramControl(Libc.Calls libc) {
        this.libc = libc;
    }

    /**
     * Reads the control data of a received datagram, and sets everything but the sender.
     *
     * @return the length of the segments of segmented datagrams; 0 for a single one
     */
    int get(ByteBuffer block, int header, int control, DatagramInfo info) {
        int end = control + layout.controlLength(block, header);
        boolean cut = (layout.flags(block, header) & MSG_TRUNC) != 0;
        int segment = 0;
        int index = 0;
        long nanos = 0;
        info.local().clear();
        for (int at = layout.firstControl(block, header, control);
                at >= 0;
                at = layout.nextControl(block, at, end)) {
            int data = layout.controlData(at);
            if (layout.isControl(block, at, IPPROTO_IP, IP_PKTINFO)) {
                index = block.getInt(data);
                int address = block.getInt(data + PKTINFO_DESTINATION);
                info.local().setInet(DatagramAddresses.network(address), 0);
            } else if (layout.isControl(block, at, IPPROTO_IP, IP_RECVDSTADDR)) {
                info.local().setInet(DatagramAddresses.network(block.getInt(data)), 0);
            } else if (layout.isControl(block, at, IPPROTO_IPV6, IPV6_PKTINFO)) {
                index = block.getInt(data + PKTINFO6_INDEX);
                setInet6(block, data, index, info.local());
            } else if (layout.isControl(block, at, SOL_SOCKET, SCM_TIMESTAMPNS)) {
                nanos = block.getLong(data) * NANOS_PER_SECOND + block.getLong(data + Long.BYTES);
            } else if (layout.isControl(block, at, SOL_SOCKET, SCM_TIMESTAMP)) {
                nanos =
                        block.getLong(data) * NANOS_PER_SECOND
                                + block.getInt(data + Long.BYTES) * NANOS_PER_MICRO;
            } else if (Linux.HERE && layout.isControl(block, at, Linux.SOL_UDP, Linux.UDP_GRO)) {
                segment = block.getInt(data);
            } else {
                closeIfPassed(block, at, end);
            }
        }
        info.setReceived(index, nanos, cut);
        return segment;
    }

    /** Closes the descriptors of SCM_RIGHTS, of which the kernel may have cut off the last ones. */
    private void closeIfPassed(ByteBuffer block, int at, int end) {
        if (layout.isControl(block, at, SOL_SOCKET, SCM_RIGHTS)) {
            int data = layout.controlData(at);
            int bytes = Math.min(layout.controlBytes(block, at), end - data);
            for (int i = 0; i + Integer.BYTES <= bytes; i += Integer.BYTES) {
                libc.close(block.getInt(data + i));
            }
        }
    }

    private static void setInet6(ByteBuffer block, int at, int index, DatagramAddress target) {
        long high = DatagramAddresses.network(block.getLong(at));
        long low = DatagramAddresses.network(block.getLong(at + Long.BYTES));
        boolean linkLocal = (high & LINK_LOCAL_MASK) == LINK_LOCAL;
        target.setInet6(high, low, linkLocal ? index : 0, 0);
    }

    /** {@return the address family of a message with this info} */
    static int familyOf(DatagramInfo info) {
        DatagramAddress peer = info.peer();
        return DatagramAddresses.familyOf(peer.family() == null ? info.local() : peer);
    }

    /**
     * Writes the source address and the interface.
     *
     * @param family the address family of the message
     * @param syscall the call named in the exception
     * @param fd the socket named in the exception
     * @return the length of the control data; 0 for none
     * @throws PollerException EAFNOSUPPORT if the family cannot express the source address
     */
    int put(ByteBuffer block, int at, int family, DatagramInfo info, String syscall, int fd)
            throws PollerException {
        DatagramAddress local = info.local();
        StandardProtocolFamily source = local.family();
        if (source == null && info.outgoingInterface() == 0) {
            return 0;
        }
        boolean inet = source == StandardProtocolFamily.INET;
        if (family == SocketAddresses.AF_INET6 && source != StandardProtocolFamily.UNIX) {
            layout.putControl(block, at, IPPROTO_IPV6, IPV6_PKTINFO, PKTINFO6_BYTES);
            int data = layout.controlData(at);
            long low = inet ? local.lowBits() | DatagramAddresses.MAPPED_PREFIX : local.lowBits();
            block.putLong(data, DatagramAddresses.network(local.highBits()));
            block.putLong(data + Long.BYTES, DatagramAddresses.network(low));
            block.putInt(data + PKTINFO6_INDEX, info.outgoingInterface());
            return layout.controlSpace(PKTINFO6_BYTES);
        }
        if (family != SocketAddresses.AF_INET || (source != null && !inet)) {
            throw SocketAddresses.ofAnotherFamily(local, syscall, fd);
        }
        int address = DatagramAddresses.network((int) local.lowBits());
        if (Constant.IP_PKTINFO.isDefined()) {
            layout.putControl(block, at, IPPROTO_IP, IP_PKTINFO, PKTINFO_BYTES);
            int data = layout.controlData(at);
            block.putInt(data, info.outgoingInterface());
            block.putInt(data + PKTINFO_SOURCE, address);
            block.putInt(data + PKTINFO_DESTINATION, 0);
            return layout.controlSpace(PKTINFO_BYTES);
        }
        if (info.outgoingInterface() != 0 && source == null) {
            throw new UnsupportedOperationException(
                    System.getProperty("os.name")
                            + " cannot choose the interface of an IPv4 datagram; set its source"
                            + " address");
        }
        layout.putControl(block, at, IPPROTO_IP, IP_RECVDSTADDR, Integer.BYTES); // IP_SENDSRCADDR
        block.putInt(layout.controlData(at), address);
        return layout.controlSpace(Integer.BYTES);
    }

    /** Reads an error of the error queue, and sets everything but the receiver. */
    void getError(ByteBuffer block, int header, int control, DatagramError error) {
        int end = control + layout.controlLength(block, header);
        error.reporter().clear();
        error.set(Errno.OTHER, DatagramError.Origin.OTHER, 0, 0, 0);
        for (int at = layout.firstControl(block, header, control);
                at >= 0;
                at = layout.nextControl(block, at, end)) {
            if (layout.isControl(block, at, IPPROTO_IP, IP_RECVERR)
                    || layout.isControl(block, at, IPPROTO_IPV6, IPV6_RECVERR)) {
                setError(block, layout.controlData(at), error);
            } else {
                closeIfPassed(block, at, end);
            }
        }
    }

    private void setError(ByteBuffer block, int data, DatagramError error) {
        error.set(
                Posix.errno(block.getInt(data)),
                origin(block.get(data + ERROR_ORIGIN)),
                block.get(data + ERROR_TYPE) & 0xff,
                block.get(data + ERROR_CODE) & 0xff,
                block.getInt(data + ERROR_INFO));
        int at = data + ERROR_REPORTER;
        int family = structs.family(block, at, SocketAddresses.IN_BYTES);
        if (family == SocketAddresses.AF_INET || family == SocketAddresses.AF_INET6) {
            addresses.get(block, at, SocketAddresses.IN_BYTES, error.reporter());
        }
    }

    private static DatagramError.Origin origin(int number) {
        return switch (number) {
            case 1 -> DatagramError.Origin.LOCAL;
            case 2 -> DatagramError.Origin.ICMP;
            case 3 -> DatagramError.Origin.ICMP6;
            default -> DatagramError.Origin.OTHER;
        };
    }
}
