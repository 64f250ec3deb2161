package io.uloop.benchmarks.echo;

import org.jspecify.annotations.Nullable;

/** Creates rounds for tests. */
final class Rounds {
    private Rounds() {}

    static Round costing(double cpuNanosPerMessage) {
        return of(cpuNanosPerMessage, null);
    }

    static Round of(double cpuNanosPerMessage, @Nullable Double allocatedPerMessage) {
        return new Round(
                2_000_000,
                1_000_000_000,
                0,
                10_000,
                20_000,
                30_000,
                40_000,
                50_000,
                cpuNanosPerMessage,
                0.25,
                0.9,
                0.8,
                allocatedPerMessage,
                7_000_000);
    }
}
