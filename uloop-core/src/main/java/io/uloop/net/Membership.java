package io.uloop.net;

import io.uloop.poller.Errno;
import io.uloop.poller.MulticastChange;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.channels.MembershipKey;
import java.nio.channels.MulticastChannel;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A membership of a UDP channel in a multicast group. */
final class Membership extends MembershipKey {
    private final UdpChannel channel;
    private final InetAddress group;
    private final NetworkInterface link;
    private final @Nullable InetAddress source;
    private final Set<InetAddress> blocked = new HashSet<>();
    private boolean dropped;

    Membership(
            UdpChannel channel,
            InetAddress group,
            NetworkInterface link,
            @Nullable InetAddress source) {
        this.channel = channel;
        this.group = group;
        this.link = link;
        this.source = source;
    }

    /** Returns whether another membership has the same group and interface. */
    boolean isOf(InetAddress otherGroup, NetworkInterface otherLink) {
        return group.equals(otherGroup) && link.equals(otherLink);
    }

    @Override
    public boolean isValid() {
        return !dropped && channel.isOpen();
    }

    @Override
    public void drop() {
        if (!isValid()) {
            return;
        }
        dropped = true;
        channel.memberships().remove(this);
        try {
            channel.multicast(MulticastChange.LEAVE, group, link, source);
        } catch (PollerException e) {
            if (e.errno() != Errno.EADDRNOTAVAIL && e.errno() != Errno.ENODEV) {
                throw new UncheckedIOException(e); // the others mean that the interface is gone
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public MembershipKey block(InetAddress sender) throws IOException {
        requireAnySource();
        if (!blocked.contains(sender)) {
            channel.multicast(MulticastChange.BLOCK, group, link, sender);
            blocked.add(sender);
        }
        return this;
    }

    @Override
    public MembershipKey unblock(InetAddress sender) {
        requireAnySource();
        if (!blocked.contains(sender)) {
            throw new IllegalStateException(sender + " is not blocked");
        }
        try {
            channel.multicast(MulticastChange.UNBLOCK, group, link, sender);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        blocked.remove(sender);
        return this;
    }

    private void requireAnySource() {
        if (!isValid()) {
            throw new IllegalStateException(this + " has ended");
        }
        if (source != null) {
            throw new IllegalStateException(this + " has only one sender");
        }
    }

    @Override
    public MulticastChannel channel() {
        return channel;
    }

    @Override
    public InetAddress group() {
        return group;
    }

    @Override
    public NetworkInterface networkInterface() {
        return link;
    }

    @Override
    @SuppressWarnings("NullAway") // the JDK documents null for any source
    public @Nullable InetAddress sourceAddress() {
        return source;
    }

    @Override
    public String toString() {
        return "Membership["
                + group.getHostAddress()
                + " on "
                + link.getName()
                + (source == null ? "" : " from " + source.getHostAddress())
                + ']';
    }
}
