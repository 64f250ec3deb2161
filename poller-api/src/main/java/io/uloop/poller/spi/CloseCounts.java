package io.uloop.poller.spi;

import java.util.Arrays;

/**
 * Counts, per descriptor number, how often it was closed through one {@link
 * io.uloop.poller.Descriptors}. If the count has changed since a registration, the registered file
 * is gone, even if another file has reused its number. No kernel reports this.
 *
 * <p>Thread-safe. Call {@link #increment} before the close, so that no thread can get the number
 * while the count is old.
 *
 * @since 0.1
 */
public final class CloseCounts {
    private volatile int[] counts = new int[64];

    /** Creates a table with every count at 0. */
    public CloseCounts() {}

    /**
     * Counts a descriptor that is about to be closed.
     *
     * @param fd the descriptor; a negative number is ignored
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
     * Returns how often a number was closed.
     *
     * @param fd 0 or more
     * @return the count, which wraps
     */
    public int count(int fd) {
        int[] current = counts;
        return fd < current.length ? current[fd] : 0;
    }
}
