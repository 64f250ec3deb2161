package io.uloop.net;

import io.uloop.poller.MulticastChange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The multicast memberships of a UDP channel. */
final class Memberships {
    private final UdpChannel channel;
    private final List<Membership> joined = new ArrayList<>();

    Memberships(UdpChannel channel) {
        this.channel = channel;
    }

    /** Joins a group, unless the channel is a member already. */
    Membership join(InetAddress group, NetworkInterface link, @Nullable InetAddress source)
            throws IOException {
        for (Membership each : joined) {
            if (each.isOf(group, link)) {
                InetAddress other = each.sourceAddress();
                if (Objects.equals(other, source)) {
                    return each;
                }
                if (other == null || source == null) {
                    throw new IllegalStateException(
                            "cannot join "
                                    + group.getHostAddress()
                                    + " for any sender and for one: "
                                    + each
                                    + " exists; drop it first");
                }
            }
        }
        channel.multicast(MulticastChange.JOIN, group, link, source);
        Membership membership = new Membership(channel, group, link, source);
        joined.add(membership);
        return membership;
    }

    void remove(Membership membership) {
        joined.remove(membership);
    }
}
