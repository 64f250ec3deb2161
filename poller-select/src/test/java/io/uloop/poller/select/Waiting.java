package io.uloop.poller.select;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** Waits for conditions with a short interval and a deadline that a busy machine can meet. */
final class Waiting {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Duration INTERVAL = Duration.ofMillis(1);

    private Waiting() {}

    /** As {@link Awaitility#await()}. */
    static ConditionFactory await() {
        return Awaitility.await().atMost(DEADLINE).pollDelay(Duration.ZERO).pollInterval(INTERVAL);
    }
}
