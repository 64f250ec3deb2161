package io.uloop.poller.spi;

import java.util.Arrays;

/**
 * Counts, per descriptor number, how often it has been closed through one {@link
 * io.uloop.poller.Descriptors}. A poller that finds the count changed since a registration knows
 * that the registered file is gone, although another file may have its number, which no kernel
 * would tell.
 *
 * <p>{@link #increment} before the close, so that nobody can get the number while the count is old.
 * Any thread.
 */
public final class CloseCounts {
    private volatile int[] counts = new int[64];

    /** Makes one with every count 0. */
    public CloseCounts() {}

    /**
     * Notes that a descriptor is about to be closed.
     *
     * @param fd its number; a negative one is ignored
     */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // writers hold the lock
    public synchronized void increment(int fd) {
        if (fd < 0) {
            return;
        }
        int[] grown = counts;
        if (fd >= grown.length) {
            grown = Arrays.copyOf(grown, Math.max(fd + 1, grown.length * 2));
        }
        grown[fd]++;
        counts = grown; // also publishes the element
    }

    /**
     * Tells how often a number has been closed.
     *
     * @param fd 0 or more
     * @return the count, which wraps
     */
    public int count(int fd) {
        int[] current = counts;
        return fd < current.length ? current[fd] : 0;
    }
}
