package io.uloop.poller.spi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ActivityCountsTest {
    private final ActivityCounts counts = new ActivityCounts();

    @Test
    void eachNumberHasItsOwnCount() {
        counts.increment(3);
        counts.increment(3);
        counts.increment(4);
        assertThat(counts.count(3)).isEqualTo(2);
        assertThat(counts.count(4)).isEqualTo(1);
        assertThat(counts.count(5)).isZero();
    }

    @Test
    void growthKeepsCounts() {
        counts.increment(0);
        counts.increment(63);
        counts.increment(64);
        counts.increment(100_000);
        assertThat(counts.count(0)).isEqualTo(1);
        assertThat(counts.count(63)).isEqualTo(1);
        assertThat(counts.count(64)).isEqualTo(1);
        assertThat(counts.count(100_000)).isEqualTo(1);
    }

    @Test
    void unusedNumberHasNoCount() {
        assertThat(counts.count(-1)).isZero();
        assertThat(counts.count(Integer.MAX_VALUE)).isZero();
    }
}
