package io.uloop;

import io.uloop.observe.TurnHistogram;
import java.util.Arrays;

/**
 * How long the turns of a loop took outside their waits; see {@link LoopMetrics#turnTimes}. An
 * event that becomes ready during a turn waits for its end, so the 99th percentile is a good
 * measure of the delay that the loop itself adds. A turn in progress does not count.
 *
 * <p>Times are rounded up by at most 12.5 %. Immutable and thread-safe.
 *
 * @since 0.1
 */
public final class TurnTimes {
    /** No turns, or not measured. */
    static final TurnTimes NONE = new TurnTimes(new long[0]);

    private static final double PERCENT = 100;

    private final long[] counts; // by bucket of a TurnHistogram

    private TurnTimes(long[] counts) {
        this.counts = counts;
    }

    static TurnTimes of(long[] counts) {
        return counts.length == 0 ? NONE : new TurnTimes(counts);
    }

    /** {@return the number of measured turns} */
    public long count() {
        return Arrays.stream(counts).sum();
    }

    /**
     * Returns the time that a part of the turns took at most.
     *
     * @param percent the part, more than 0 and at most 100, such as 50 or 99.9; 100 returns the
     *     longest time
     * @return nanoseconds; 0 if no turn was measured
     * @throws IllegalArgumentException if it is out of range
     */
    public long percentileNanos(double percent) {
        if (!(percent > 0 && percent <= PERCENT)) {
            throw new IllegalArgumentException(
                    "a percentile must be more than 0 and at most 100, not " + percent);
        }
        long remaining = (long) Math.ceil(count() * (percent / PERCENT));
        for (int i = 0; i < counts.length; i++) {
            remaining -= counts[i];
            if (counts[i] > 0 && remaining <= 0) {
                return TurnHistogram.longest(i);
            }
        }
        return 0;
    }

    /** Returns the turns that were measured since earlier ones of the same loop. */
    TurnTimes since(TurnTimes earlier) {
        if (earlier.counts.length == 0) {
            return this;
        }
        long[] difference = counts.clone();
        for (int i = 0; i < difference.length; i++) {
            difference[i] -= earlier.counts[i];
        }
        return new TurnTimes(difference);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TurnTimes times && Arrays.equals(counts, times.counts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(counts);
    }

    @Override
    public String toString() {
        return count() == 0
                ? "TurnTimes[]"
                : "TurnTimes[p50="
                        + percentileNanos(50)
                        + " ns, p99="
                        + percentileNanos(99)
                        + " ns, max="
                        + percentileNanos(PERCENT)
                        + " ns]";
    }
}
