package io.uloop.benchmarks.echo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RoundTest {
    @Test
    void figuresArePerMessage() {
        ProcessUsage before = new ProcessUsage(1_000_000, 10, 20, 1);
        ProcessUsage after = new ProcessUsage(5_000_000, 11, 23, 4096);

        Round round =
                Round.of(
                        "1000 8000000 3 50:500 90:400 99:90 999:9 1001:1",
                        before,
                        after,
                        2_000_000,
                        16_000L);

        assertThat(round)
                .isEqualTo(
                        new Round(
                                1000, 8_000_000, 3, 50, 90, 99, 999, 1001, 4000, 0.25, 0.5, 0.25,
                                16.0, 4096));
        assertThat(round.messagesPerSecond()).isEqualTo(125_000);
    }

    @Test
    void cProgramHasNoAllocations() {
        ProcessUsage usage = new ProcessUsage(0, 0, 0, 1);

        assertThat(Round.of("1 1 0 1:1", usage, usage, 0, null).allocatedPerMessage()).isNull();
    }
}
