package io.uloop.benchmarks.question;

import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Delays between one and two hours, so that no timer is due. Not thread-safe: call from the
 * benchmark's thread.
 */
final class Delays {
    private static final int COUNT = 1 << 12;

    private final Duration[] durations = new Duration[COUNT];
    private final long[] nanos = new long[COUNT];
    private int next;

    Delays() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < COUNT; i++) {
            durations[i] = Duration.ofHours(1).plusNanos(random.nextLong(3_600_000_000_000L));
            nanos[i] = durations[i].toNanos();
        }
    }

    Duration duration() {
        return durations[next++ & COUNT - 1];
    }

    long nanos() {
        return nanos[next++ & COUNT - 1];
    }
}
