package io.uloop.poller.select;

import io.uloop.poller.spi.CloseCounts;
import java.nio.channels.SelectableChannel;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Hands out numbers for channels as a kernel does for files: the lowest free one, from 3. Any
 * thread; looking up takes no lock.
 *
 * <p>A channel that was opened here keeps its number until that is released, although the JDK may
 * have closed the channel (a failed connect): its user still has the number, and will close it.
 * Nobody releases the number of a foreign channel; it is free when the channel is closed, which is
 * noticed from time to time.
 */
final class ChannelNumbers {
    private static final int FIRST = 3;
    private static final int FOREIGN_BEFORE_SWEEP = 16;

    private final CloseCounts closeCounts;
    private final BitSet taken = new BitSet();
    private final Map<SelectableChannel, Integer> foreign = new HashMap<>();
    private volatile @Nullable SelectableChannel[] channels = new SelectableChannel[64];
    private int sweepAt = FOREIGN_BEFORE_SWEEP;

    ChannelNumbers(CloseCounts closeCounts) {
        this.closeCounts = closeCounts;
    }

    /** The channel of a number, which may be closed; null if the number is free. */
    @Nullable SelectableChannel channel(int fd) {
        @Nullable SelectableChannel[] current = channels;
        return fd >= 0 && fd < current.length ? current[fd] : null;
    }

    /** Gives a number to a channel that was opened for it. */
    synchronized int take(SelectableChannel channel) {
        int fd = taken.nextClearBit(FIRST);
        taken.set(fd);
        put(fd, channel);
        return fd;
    }

    /** The number of an open channel whose owner will close it; the same one every time. */
    synchronized int takeForeign(SelectableChannel channel) {
        Integer known = foreign.get(channel);
        if (known != null) {
            return known;
        }
        if (foreign.size() >= sweepAt) {
            releaseClosedForeign();
            sweepAt = Math.max(FOREIGN_BEFORE_SWEEP, 2 * foreign.size());
        }
        int fd = take(channel);
        foreign.put(channel, fd);
        return fd;
    }

    /**
     * Frees a number.
     *
     * @return the channel, to be closed; null if the number was free, or its owner closed it
     */
    synchronized @Nullable SelectableChannel release(int fd) {
        SelectableChannel channel = channel(fd);
        if (channel == null) {
            return null;
        }
        boolean gone = foreign.remove(channel) != null && !channel.isOpen();
        free(fd);
        return gone ? null : channel;
    }

    private void releaseClosedForeign() {
        for (Iterator<Map.Entry<SelectableChannel, Integer>> entries =
                        foreign.entrySet().iterator();
                entries.hasNext(); ) {
            Map.Entry<SelectableChannel, Integer> entry = entries.next();
            if (!entry.getKey().isOpen()) {
                entries.remove();
                free(entry.getValue());
            }
        }
    }

    private void free(int fd) {
        closeCounts.increment(fd); // first, so that the next to take it has the new count
        put(fd, null);
        taken.clear(fd);
    }

    private void put(int fd, @Nullable SelectableChannel channel) {
        @Nullable SelectableChannel[] grown = channels;
        if (fd >= grown.length) {
            grown = Arrays.copyOf(grown, grown.length * 2);
        }
        grown[fd] = channel;
        channels = grown; // also publishes the element
    }
}
