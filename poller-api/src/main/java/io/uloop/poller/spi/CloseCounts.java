package io.uloop.poller.spi;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Counts, per descriptor number, how often it was closed through one {@link
 * io.uloop.poller.Descriptors}. If the count has changed since a registration, the registered file
 * is gone, even if another file has reused its number. No kernel reports this.
 *
 * <p>Thread-safe. Call {@link #increment} before the close, so that no thread can get the number
 * while the count is old. There is no lock: if a virtual thread and the thread that executes it
 * wait for the same one, both may stop.
 *
 * @since 0.1
 */
public final class CloseCounts {
    private static final int FIRST_SIZE = 64;

    /** Each segment is as large as all before it together, so none is ever copied. */
    private final AtomicReferenceArray<@Nullable AtomicIntegerArray> segments =
            new AtomicReferenceArray<>(1 + segment(Integer.MAX_VALUE));

    /** Creates a table with every count at 0. */
    public CloseCounts() {}

    /**
     * Counts a descriptor that is about to be closed.
     *
     * @param fd the descriptor; a negative number is ignored
     */
    public void increment(int fd) {
        if (fd < 0) {
            return;
        }
        int number = segment(fd);
        AtomicIntegerArray counts = segments.get(number);
        if (counts == null) {
            int size = number == 0 ? FIRST_SIZE : start(number);
            segments.compareAndSet(number, null, new AtomicIntegerArray(size));
            counts = Objects.requireNonNull(segments.get(number));
        }
        counts.incrementAndGet(fd - start(number));
    }

    /**
     * Returns how often a number was closed.
     *
     * @param fd 0 or more
     * @return the count, which wraps
     */
    public int count(int fd) {
        int number = segment(fd);
        AtomicIntegerArray counts = segments.get(number);
        return counts == null ? 0 : counts.get(fd - start(number));
    }

    /**
     * Returns the segment of a descriptor: the numbers up to 63, up to 127, up to 255 and so on.
     */
    private static int segment(int fd) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(fd / FIRST_SIZE);
    }

    private static int start(int segment) {
        return segment == 0 ? 0 : FIRST_SIZE << (segment - 1);
    }
}
