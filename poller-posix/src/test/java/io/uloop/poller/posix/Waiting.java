package io.uloop.poller.posix;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * Waits for conditions with short polls and a deadline that is generous enough for a busy machine.
 */
public final class Waiting {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Duration INTERVAL = Duration.ofMillis(1);

    private Waiting() {}

    /** Like {@link Awaitility#await()}, with this class's interval and deadline. */
    public static ConditionFactory await() {
        return Awaitility.await().atMost(DEADLINE).pollDelay(Duration.ZERO).pollInterval(INTERVAL);
    }
}
