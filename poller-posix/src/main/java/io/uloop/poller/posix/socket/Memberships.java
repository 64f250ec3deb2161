package io.uloop.poller.posix.socket;

import io.uloop.poller.DatagramAddress;
import io.uloop.poller.MulticastChange;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Constant;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.OperatingSystem;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.spi.Multicast;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Joins and leaves multicast groups with the options of RFC 3678, which are the same for both
 * versions of IP.
 *
 * <pre>
 *                        Linux, FreeBSD   macOS
 * gr_interface            u32@0            u32@0
 * gr_group                u8[128]@8        u8[128]@4
 * gsr_source              u8[128]@136      u8[128]@132
 * </pre>
 */
public final class Memberships {
    private static final int IPPROTO_IP = Constant.IPPROTO_IP.value();
    private static final int IPPROTO_IPV6 = Constant.IPPROTO_IPV6.value();
    private static final int STORAGE_BYTES = 128;
    private static final int AT = Scratch.VALUE;

    private final Libc.Calls libc;
    private final Sockets sockets;
    private final OperatingSystem system;
    private final int group;
    private final DatagramAddresses addresses = new DatagramAddresses(SocketAddresses.NATIVE);

    public Memberships(Libc.Calls libc, Sockets sockets) {
        this.libc = libc;
        this.sockets = sockets;
        system = OperatingSystem.HERE;
        group = system == OperatingSystem.DARWIN ? 4 : 8;
    }

    public void change(
            int fd,
            MulticastChange change,
            InetAddress group,
            NetworkInterface link,
            @Nullable InetAddress source)
            throws PollerException {
        Multicast.requireLegal(change, group, source);
        int family = sockets.family(fd, "setsockopt");
        boolean inet = group instanceof Inet4Address;
        if (family != SocketAddresses.AF_INET6 && !(inet && family == SocketAddresses.AF_INET)) {
            throw SocketAddresses.ofAnotherFamily(group, "setsockopt", fd);
        }
        int option = option(change, source != null);
        Scratch scratch = Scratch.mine();
        ByteBuffer block = scratch.block();
        block.putLong(AT, 0);
        block.putInt(AT, link.getIndex());
        put(block, AT + this.group, group, fd);
        int bytes = this.group + STORAGE_BYTES;
        if (source != null) {
            put(block, AT + bytes, source, fd);
            bytes += STORAGE_BYTES;
        }
        int level = inet ? IPPROTO_IP : IPPROTO_IPV6;
        if (libc.setsockopt(fd, level, option, scratch.address(AT), bytes) < 0) {
            throw Posix.failure("setsockopt", detail(change, group, link, source), fd);
        }
    }

    /** Writes an address without a port. */
    private void put(ByteBuffer block, int at, InetAddress address, int fd) throws PollerException {
        DatagramAddress written = new DatagramAddress(new InetSocketAddress(address, 0));
        addresses.put(block, at, DatagramAddresses.familyOf(written), written, "setsockopt", fd);
    }

    private int option(MulticastChange change, boolean ofSource) {
        return switch (system) {
            case LINUX, LINUX_ON_MIPS ->
                    switch (change) {
                        case JOIN -> ofSource ? 46 : 42; // MCAST_JOIN_SOURCE_GROUP, _JOIN_GROUP
                        case LEAVE -> ofSource ? 47 : 45;
                        case BLOCK -> 43;
                        case UNBLOCK -> 44;
                    };
            case DARWIN, FREEBSD ->
                    switch (change) {
                        case JOIN -> ofSource ? 82 : 80;
                        case LEAVE -> ofSource ? 83 : 81;
                        case BLOCK -> 84;
                        case UNBLOCK -> 85;
                    };
            default ->
                    throw new UnsupportedOperationException(
                            System.getProperty("os.name")
                                    + " does not have the multicast options of RFC 3678");
        };
    }

    private static String detail(
            MulticastChange change,
            InetAddress group,
            NetworkInterface link,
            @Nullable InetAddress source) {
        return change
                + " "
                + group.getHostAddress()
                + " on "
                + link.getName()
                + (source == null ? "" : " from " + source.getHostAddress());
    }
}
