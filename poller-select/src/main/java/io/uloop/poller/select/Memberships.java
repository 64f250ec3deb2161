package io.uloop.poller.select;

import io.uloop.poller.Errno;
import io.uloop.poller.MulticastChange;
import io.uloop.poller.PollerException;
import io.uloop.poller.spi.Multicast;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The multicast memberships of datagram channels, which NIO identifies by keys. Thread-safe. */
final class Memberships {
    private final Map<DatagramChannel, Map<Membership, MembershipKey>> joined =
            new ConcurrentHashMap<>();

    private record Membership(
            InetAddress group, NetworkInterface link, @Nullable InetAddress source) {}

    /** Forgets the memberships of a channel that is being closed. */
    @SuppressWarnings("SuspiciousMethodCalls") // any channel
    void forget(Channel channel) {
        if (joined.containsKey(channel)) { // without a lock for those that are no members
            joined.remove(channel);
        }
    }

    synchronized void change(
            int fd,
            DatagramChannel channel,
            MulticastChange change,
            InetAddress group,
            NetworkInterface link,
            @Nullable InetAddress source)
            throws IOException {
        Multicast.requireLegal(change, group, source);
        joined.keySet().removeIf(each -> !each.isOpen()); // closed by their owners
        Map<Membership, MembershipKey> ofChannel =
                joined.computeIfAbsent(channel, first -> new HashMap<>());
        Membership membership = new Membership(group, link, source);
        Membership ofAll = new Membership(group, link, null);
        switch (change) {
            case JOIN -> {
                if (ofChannel.containsKey(membership)) {
                    throw failure(fd, Errno.EADDRINUSE, "already a member of " + group);
                }
                ofChannel.put(membership, join(fd, channel, membership));
            }
            case LEAVE -> {
                key(fd, ofChannel, membership).drop();
                ofChannel.remove(membership);
            }
            case BLOCK -> key(fd, ofChannel, ofAll).block(source);
            case UNBLOCK -> key(fd, ofChannel, ofAll).unblock(source);
        }
    }

    private static MembershipKey join(int fd, DatagramChannel channel, Membership membership)
            throws IOException {
        try {
            return membership.source == null
                    ? channel.join(membership.group, membership.link)
                    : channel.join(membership.group, membership.link, membership.source);
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            // The arguments are legal, so they do not fit the socket.
            throw failure(fd, Errno.EAFNOSUPPORT, "" + e.getMessage());
        }
    }

    private static MembershipKey key(
            int fd, Map<Membership, MembershipKey> ofChannel, Membership membership)
            throws PollerException {
        MembershipKey key = ofChannel.get(membership);
        if (key == null) {
            String why = "not a member of " + membership.group;
            throw failure(fd, Errno.EADDRNOTAVAIL, why);
        }
        return key;
    }

    private static PollerException failure(int fd, Errno errno, String why) {
        return new PollerException("setsockopt", "multicast", fd, errno, why);
    }
}
