package io.uloop.poller.posix.memory;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/**
 * Writes {@code struct timespec { time_t tv_sec; long tv_nsec; }} of 64-bit systems, and rounds
 * timeouts for calls that take milliseconds.
 */
public final class Timespec {
    /** The size of the struct. */
    public static final int BYTES = 16;

    private static final int TV_NSEC = 8;
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private Timespec() {}

    /**
     * Writes a duration.
     *
     * @param block the target
     * @param offset the offset of the struct
     * @param nanos nanoseconds, 0 or more
     */
    public static void put(Memory block, int offset, long nanos) {
        put(block.view(), offset, nanos);
    }

    /** Writes a duration. A negative one yields a negative field, which kernels reject. */
    public static void put(ByteBuffer block, int offset, long nanos) {
        block.putLong(offset, nanos / NANOS_PER_SECOND);
        block.putLong(offset + TV_NSEC, nanos % NANOS_PER_SECOND);
    }

    /**
     * Rounds a timeout up to whole milliseconds, so that it never ends early.
     *
     * @param nanos nanoseconds; negative waits forever
     * @return milliseconds, at most {@link Integer#MAX_VALUE}; -1 waits forever
     */
    public static int toMillis(long nanos) {
        if (nanos < 0) {
            return -1;
        }
        long millis = nanos / NANOS_PER_MILLI + (nanos % NANOS_PER_MILLI == 0 ? 0 : 1);
        return (int) Math.min(millis, Integer.MAX_VALUE);
    }
}
