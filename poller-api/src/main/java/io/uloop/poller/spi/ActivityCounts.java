package io.uloop.poller.spi;

import java.util.Arrays;

/**
 * Counts, per descriptor number, the calls of one {@link io.uloop.poller.Descriptors} that moved
 * something, for whoever wants to tell a busy handler from one that spins. Constant time, no lock
 * but to grow, nothing allocated but to grow.
 *
 * <p>Any thread; two at once may lose a call of theirs, which a reader of differences does not
 * mind.
 */
public final class ActivityCounts {
    private volatile int[] counts = new int[64];

    /** Makes one with every count 0. */
    public ActivityCounts() {}

    /**
     * Notes a call that moved something.
     *
     * @param fd its descriptor, 0 or more, which was open
     */
    public void increment(int fd) {
        int[] current = counts;
        if (fd >= current.length) {
            current = grown(fd);
        }
        current[fd]++;
    }

    private synchronized int[] grown(int fd) {
        int[] current = counts;
        if (fd >= current.length) {
            current = Arrays.copyOf(current, Math.max(fd + 1, current.length * 2));
            counts = current;
        }
        return current;
    }

    /**
     * Tells how many calls on a number have moved something.
     *
     * @param fd any number
     * @return the count, 0 or more, which wraps to 0; 0 for a number never used
     */
    public int count(int fd) {
        int[] current = counts;
        return fd >= 0 && fd < current.length ? current[fd] & Integer.MAX_VALUE : 0;
    }
}
