package io.uloop.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests the buckets of turn times. */
class TurnHistogramTest {
    private static long stored(long nanos) {
        TurnHistogram histogram = new TurnHistogram();
        histogram.add(nanos);
        long[] counts = histogram.copy();
        int bucket = IntStream.range(0, counts.length).filter(i -> counts[i] > 0).sum();
        assertThat(counts[bucket]).isEqualTo(1);
        return TurnHistogram.longest(bucket);
    }

    @Test
    void timesAreRoundedUpByAtMostAnEighth() {
        for (long nanos = 0; nanos < 5000; nanos++) {
            assertThat(stored(nanos)).isBetween(nanos, nanos + nanos / 8);
        }
        for (long nanos = 1; nanos < 1L << 42; nanos = nanos * 3 / 2 + 1) {
            assertThat(stored(nanos)).isBetween(nanos, nanos + nanos / 8);
        }
    }

    @Test
    void everyBucketCountsItsLongestTime() {
        int buckets = new TurnHistogram().copy().length;
        for (int i = 0; i < buckets; i++) {
            assertThat(stored(TurnHistogram.longest(i))).isEqualTo(TurnHistogram.longest(i));
        }
    }

    @Test
    void timesOutOfRangeAreCountedInTheOutermostBuckets() {
        assertThat(stored(Long.MAX_VALUE)).isEqualTo((1L << 42) - 1);
        assertThat(stored(-1)).isZero();
    }
}
