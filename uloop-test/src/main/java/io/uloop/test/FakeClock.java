package io.uloop.test;

import io.uloop.Uloop;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The clock of the loop of a test. It stands still until {@link #advance} moves it, so tests of
 * timers and timeouts need not wait. It drives {@link Uloop#now}, the timeouts of connections, and
 * the wall clock of {@link Uloop#callAt}, which starts at 2000-01-01T00:00:00Z.
 *
 * <p>Not thread-safe: call from the test's thread. {@link #instant} is thread-safe.
 *
 * @since 0.1
 */
public final class FakeClock implements InstantSource {
    private static final Instant START = Instant.parse("2000-01-01T00:00:00Z");

    /** How often the loop may run without wanting to wait before this is taken for a busy loop. */
    private static final int MAX_TURNS = 10_000;

    private volatile long elapsedNanos;
    private @Nullable Uloop loop;
    private @Nullable WatchedBackend backend;

    FakeClock() {}

    /** {@return the clock for timers, whose origin is arbitrary as that of System.nanoTime} */
    LongSupplier nanoTime() {
        return () -> elapsedNanos;
    }

    void moves(Uloop loop, WatchedBackend backend) {
        this.loop = loop;
        this.backend = backend;
    }

    Uloop loop() {
        return Objects.requireNonNull(loop);
    }

    /** {@return the time of the wall clock} */
    @Override
    public Instant instant() {
        return START.plusNanos(elapsedNanos);
    }

    /**
     * Moves the clock, and runs the loop on this thread. The clock stops at each timer on its way,
     * so a timer that repeats every second is called ten times in ten seconds. Also runs queued
     * tasks and handlers that are ready, but does not wait for events.
     *
     * @param time how far to move, 0 or more
     * @throws IllegalArgumentException if it is negative
     * @throws IllegalStateException if another thread runs the loop, or if this is called by a
     *     callback
     * @throws IOException if the wait of the loop fails
     * @throws AssertionError if the loop is always busy
     */
    public void advance(Duration time) throws IOException {
        long left = time.toNanos();
        if (left < 0) {
            throw new IllegalArgumentException("a clock cannot go back by " + time.negated());
        }
        long now = elapsedNanos;
        long wait = runUntilWait();
        while (left > 0) {
            long step = wait < 0 ? left : Math.min(left, wait);
            now += step;
            left -= step;
            elapsedNanos = now;
            wait = runUntilWait();
        }
    }

    /** Runs the loop until it wants to wait. Returns for how long; negative without a limit. */
    private long runUntilWait() throws IOException {
        for (int turn = 0; turn < MAX_TURNS; turn++) {
            long wait = Objects.requireNonNull(backend).waitOf(loop());
            if (wait != 0) {
                return wait;
            }
        }
        throw new AssertionError(
                "the loop did not want to wait in " + MAX_TURNS + " turns: " + loop());
    }
}
