package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PatienceTest {
    private static final long FOREVER = -1;

    private final Patience patience = new Patience();

    @Test
    void turnWithoutTasksMayWait() {
        assertThat(patience.timeout(false)).isEqualTo(FOREVER);
    }

    @Test
    void turnWithTasksIsFollowedByAPollAsLongAsThatPaysOff() {
        for (int i = 0; i < 100; i++) {
            assertThat(patience.timeout(true)).isZero(); // the task arrives during the next poll
            assertThat(patience.timeout(false)).isEqualTo(FOREVER);
            assertThat(patience.timeout(true)).isZero(); // the task arrives before it
        }
    }

    @Test
    void pollInVainIsNotRepeatedForAWhile() {
        int polls = 0;
        for (int i = 0; i < 330; i++) {
            if (patience.timeout(true) == 0) {
                polls++;
                assertThat(patience.timeout(false)).isEqualTo(FOREVER);
            }
            assertThat(patience.timeout(false)).isEqualTo(FOREVER); // the wait
        }
        assertThat(polls).isEqualTo(10);
    }
}
