package io.uloop.poller.spi;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Counts, per descriptor number, the calls of one {@link io.uloop.poller.Descriptors} that made
 * progress. The counts distinguish a busy handler from one that spins. Counting takes constant
 * time. It allocates only to grow the table.
 *
 * <p>Thread-safe, but concurrent increments of one number, or while the table grows, may lose a
 * call. Readers that compare two counts tolerate this.
 *
 * @since 0.1
 */
public final class ActivityCounts {
    private static final VarHandle COUNTS;

    static {
        try {
            COUNTS =
                    MethodHandles.lookup()
                            .findVarHandle(ActivityCounts.class, "counts", int[].class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int[] counts = new int[64];

    /** Creates a table with every count at 0. */
    public ActivityCounts() {}

    /**
     * Counts a call that made progress.
     *
     * @param fd the descriptor of the call, 0 or more
     */
    public void increment(int fd) {
        int[] current = counts;
        if (fd >= current.length) {
            current = grown(fd);
        }
        current[fd]++;
    }

    private int[] grown(int fd) {
        int[] current = counts;
        while (fd >= current.length) {
            int[] larger = Arrays.copyOf(current, Math.max(fd + 1, current.length * 2));
            boolean unused = COUNTS.compareAndSet(this, current, larger);
            current = counts;
        }
        return current;
    }

    /**
     * Returns how many calls on a number have made progress.
     *
     * @param fd any number
     * @return the count, 0 or more, which wraps to 0; 0 for a number never used
     */
    public int count(int fd) {
        int[] current = counts;
        return fd >= 0 && fd < current.length ? current[fd] & Integer.MAX_VALUE : 0;
    }
}
