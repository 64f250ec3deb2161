package io.uloop.poller.select;

import io.uloop.poller.spi.CloseCounts;
import io.uloop.poller.spi.SpinLock;
import java.nio.channels.SelectableChannel;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Assigns numbers to channels as a kernel does to files: the lowest free one, from 3. Thread-safe;
 * lookups do not lock.
 *
 * <p>A channel opened here keeps its number until the number is released, even if the JDK has
 * closed the channel after a failed connect. Its user still has the number and will close it. The
 * number of a foreign channel is never released explicitly. It becomes free after the channel is
 * closed, when an occasional sweep detects it.
 */
final class ChannelNumbers {
    private static final int FIRST = 3;
    private static final int FOREIGN_BEFORE_SWEEP = 16;

    /** Fibers, callbacks and other threads share it. */
    private final SpinLock lock = new SpinLock();

    private final CloseCounts closeCounts;
    private final BitSet taken = new BitSet();
    private final Map<SelectableChannel, Integer> foreign = new HashMap<>();
    private volatile @Nullable SelectableChannel[] channels = new SelectableChannel[64];
    private int sweepAt = FOREIGN_BEFORE_SWEEP;

    ChannelNumbers(CloseCounts closeCounts) {
        this.closeCounts = closeCounts;
    }

    /** Returns the channel of a number, which may be closed, or null if the number is free. */
    @Nullable SelectableChannel channel(int fd) {
        @Nullable SelectableChannel[] current = channels;
        return fd >= 0 && fd < current.length ? current[fd] : null;
    }

    /** Assigns a number to a channel opened here. */
    int take(SelectableChannel channel) {
        lock.lock();
        try {
            return takeLocked(channel);
        } finally {
            lock.unlock();
        }
    }

    private int takeLocked(SelectableChannel channel) {
        int fd = taken.nextClearBit(FIRST);
        taken.set(fd);
        put(fd, channel);
        return fd;
    }

    /**
     * Returns the number of an open channel that its owner will close. Always returns the same
     * number for a channel.
     */
    int takeForeign(SelectableChannel channel) {
        lock.lock();
        try {
            return takeForeignLocked(channel);
        } finally {
            lock.unlock();
        }
    }

    private int takeForeignLocked(SelectableChannel channel) {
        Integer known = foreign.get(channel);
        if (known != null) {
            return known;
        }
        if (foreign.size() >= sweepAt) {
            releaseClosedForeign();
            sweepAt = Math.max(FOREIGN_BEFORE_SWEEP, 2 * foreign.size());
        }
        int fd = takeLocked(channel);
        foreign.put(channel, fd);
        return fd;
    }

    /**
     * Frees a number.
     *
     * @return the channel, to be closed; null if the number was free or the owner closed the
     *     channel
     */
    @Nullable SelectableChannel release(int fd) {
        lock.lock();
        try {
            SelectableChannel channel = channel(fd);
            if (channel == null) {
                return null;
            }
            boolean gone = foreign.remove(channel) != null && !channel.isOpen();
            free(fd);
            return gone ? null : channel;
        } finally {
            lock.unlock();
        }
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
        closeCounts.increment(fd); // first, so that the next user of the number sees the new count
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
