package io.uloop.poller.spi;

import io.uloop.poller.MulticastChange;
import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of multicast memberships that every backend rejects. Thread-safe.
 *
 * @since 0.1
 */
public final class Multicast {
    private Multicast() {}

    /**
     * Checks the arguments of {@link io.uloop.poller.Descriptors#multicast}.
     *
     * @param change what to change
     * @param group the group
     * @param source the source, or null
     * @throws IllegalArgumentException if the group is not a multicast address, or the source does
     *     not fit it or the change
     */
    public static void requireLegal(
            MulticastChange change, InetAddress group, @Nullable InetAddress source) {
        Objects.requireNonNull(change, "change");
        if (!group.isMulticastAddress()) {
            throw new IllegalArgumentException(group + " is not the address of a multicast group");
        }
        if (source == null) {
            if (change == MulticastChange.BLOCK || change == MulticastChange.UNBLOCK) {
                throw new IllegalArgumentException("cannot block any source; name one");
            }
            return;
        }
        if (source.getClass() != group.getClass()) {
            throw new IllegalArgumentException(
                    "the source " + source + " has another version of IP than the group " + group);
        }
        if (source.isAnyLocalAddress() || source.isMulticastAddress()) {
            throw new IllegalArgumentException(source + " is not the address of a sender");
        }
    }
}
