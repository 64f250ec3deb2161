package io.uloop.observe;

/**
 * Counts the turns of a loop by how long they took. Buckets are at most an eighth wide, so a time
 * that is read from them is too long by at most 12.5 %.
 *
 * <p>The loop's thread adds turns. Any thread may copy the counts, which are then as recent as the
 * turns that it has seen in {@link LoopCounters#turns}.
 */
public final class TurnHistogram {
    private static final int SPLIT_BITS = 3;
    private static final int SPLITS = 1 << SPLIT_BITS;

    /** Longer turns count as this long, about 73 minutes. */
    private static final long LONGEST = (1L << 42) - 1;

    private final long[] counts = new long[bucket(LONGEST) + 1];

    TurnHistogram() {}

    /** Counts a turn. */
    void add(long nanos) {
        counts[bucket(Math.min(nanos, LONGEST))]++;
    }

    /** {@return a copy of the numbers of turns by bucket} Thread-safe. */
    long[] copy() {
        return counts.clone();
    }

    private static int bucket(long nanos) {
        if (nanos < SPLITS) {
            return (int) Math.max(0, nanos);
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos) - SPLIT_BITS;
        return ((shift + 1) << SPLIT_BITS) + ((int) (nanos >>> shift) & (SPLITS - 1));
    }

    /**
     * Returns the longest time that a bucket counts.
     *
     * @param bucket the index of a bucket
     * @return nanoseconds, 0 or more
     */
    public static long longest(int bucket) {
        if (bucket < SPLITS) {
            return bucket;
        }
        int shift = (bucket >>> SPLIT_BITS) - 1;
        return (((long) SPLITS + (bucket & (SPLITS - 1)) + 1) << shift) - 1;
    }
}
