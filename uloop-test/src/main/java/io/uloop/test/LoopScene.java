package io.uloop.test;

import io.uloop.Uloop;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.Scene;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The loop of a test, with sockets, pipes and peers for it. Descriptors of {@link
 * Uloop#descriptors} can be registered with the loop, and are closed after the test. The test runs
 * the loop on its own thread, for example with {@link #runUntil}.
 *
 * <p>Not thread-safe: call from the test's thread.
 *
 * @since 0.1
 */
public final class LoopScene extends Scene {
    private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Uloop loop;
    private final CallbackFailures failures;

    LoopScene(Uloop loop, Openings openings, CallbackFailures failures) {
        this.loop = loop;
        this.failures = failures;
        openings.onClose = this::forget; // because handlers close what they are given
    }

    @Override
    protected PollerProvider provider() {
        return loop.provider();
    }

    /** {@return the loop of the test} */
    public Uloop loop() {
        return loop;
    }

    /**
     * Runs the loop on this thread until a condition holds. Fails the test at once if a callback
     * throws an exception, and after {@link #DEADLINE} if the condition does not hold.
     *
     * @param words the condition, for the message of the failure
     * @param condition checked after each turn, which takes at most 20 ms if nothing happens
     * @throws Exception if the condition or the wait of the loop throws it
     */
    public void runUntil(String words, Condition condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.holds()) {
            failures.check();
            if (System.nanoTime() - start >= DEADLINE.toNanos()) {
                throw new AssertionError("timed out running the loop until " + words);
            }
            loop.runOnce(TURN_NANOS);
        }
    }

    /**
     * Returns the exceptions that callbacks have thrown, and forgets them, so that they do not fail
     * the test. For tests that expect failures.
     *
     * @return the exceptions since the start of the test or the last call, in order
     */
    public List<Exception> takeFailures() {
        return failures.take();
    }

    /** Closes the loop, so that its channels are closed, and then all else. */
    void end() throws Exception {
        loop.close();
        clear();
    }
}
