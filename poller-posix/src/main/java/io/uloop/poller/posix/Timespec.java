package io.uloop.poller.posix;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/**
 * {@code struct timespec { time_t tv_sec; long tv_nsec; }} of the 64-bit systems, and the rounding
 * for calls that take milliseconds instead.
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
     * @param block where to
     * @param offset the struct's first byte
     * @param nanos 0 or more nanoseconds
     */
    public static void put(Memory block, int offset, long nanos) {
        put(block.view(), offset, nanos);
    }

    /** Writes a duration; a negative one has a negative field, which kernels refuse. */
    static void put(ByteBuffer block, int offset, long nanos) {
        block.putLong(offset, nanos / NANOS_PER_SECOND);
        block.putLong(offset + TV_NSEC, nanos % NANOS_PER_SECOND);
    }

    /**
     * Rounds a timeout up to whole milliseconds, so that it never ends early.
     *
     * @param nanos nanoseconds; negative for ever
     * @return milliseconds; -1 for ever; at most {@link Integer#MAX_VALUE}
     */
    public static int toMillis(long nanos) {
        if (nanos < 0) {
            return -1;
        }
        long millis = nanos / NANOS_PER_MILLI + (nanos % NANOS_PER_MILLI == 0 ? 0 : 1);
        return (int) Math.min(millis, Integer.MAX_VALUE);
    }
}
