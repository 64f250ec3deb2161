package io.uloop.poller.select;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** Waits for conditions: looks often, and gives up only when a busy machine would have made it. */
final class Waiting {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Duration INTERVAL = Duration.ofMillis(1);

    private Waiting() {}

    /** As {@link Awaitility#await()}. */
    static ConditionFactory await() {
        return Awaitility.await().atMost(DEADLINE).pollDelay(Duration.ZERO).pollInterval(INTERVAL);
    }
}
