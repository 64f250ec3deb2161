package io.uloop;

import java.time.Duration;

/**
 * A delayed or repeating call, created by the {@code call} methods of {@link Uloop}. Not
 * thread-safe: call from the loop's thread.
 */
public final class Timer {
    /** When a timer is called again. */
    enum Repetition {
        NONE,
        /** At the next multiple of the period that is still to come. */
        RATE,
        /** One period after the call returned. */
        DELAY
    }

    final Repetition repetition;
    final long periodNanos;
    final Runnable task;

    /** The deadline as requested when the timer was created or rescheduled. */
    long firstDeadline;

    // Used by the heap: the index in its array or -1, and the order of equal deadlines.
    int index = -1;
    long deadline;
    long sequence;

    private final Uloop loop;
    private final boolean wall;

    Timer(Uloop loop, boolean wall, Runnable task, Repetition repetition, long periodNanos) {
        this.loop = loop;
        this.wall = wall;
        this.task = task;
        this.repetition = repetition;
        this.periodNanos = periodNanos;
    }

    /**
     * Cancels the timer. Idempotent. Costs O(log n). May be called in any callback, including the
     * timer's own.
     *
     * @return true if the timer was active
     */
    public boolean cancel() {
        return loop.cancel(this);
    }

    /**
     * Restarts the timer, whether it is active, expired or cancelled. The next call follows after
     * the delay, and a repeating timer continues with its period from there. Costs O(log n) and
     * does not allocate. May be called in any callback, including the timer's own.
     *
     * @param delay from now; zero or less means the next turn
     * @throws IllegalStateException if the loop is closed
     */
    public void reschedule(Duration delay) {
        loop.schedule(this, delay);
    }

    /**
     * Returns whether another call is due. During its last call a timer is no longer active.
     *
     * @return false after the last call or a cancellation
     */
    public boolean isActive() {
        return index >= 0;
    }

    /**
     * Returns when the timer is due. It is never called earlier. How much later depends on the
     * other callbacks of the loop.
     *
     * @return the time of the next call, or of the last one if none follows, in nanoseconds. The
     *     time is on the clock of {@link System#nanoTime}, to be compared by difference, or since
     *     1970 for a timer on the wall clock
     */
    public long deadline() {
        return deadline;
    }

    /** {@return the first time on the grid of a rate that is later than the given one} */
    long following(long now) {
        long sinceFirst = now - firstDeadline;
        return sinceFirst < 0
                ? firstDeadline
                : firstDeadline + (sinceFirst / periodNanos + 1) * periodNanos;
    }

    /** {@return whether the timer is on the wall clock} */
    boolean isWall() {
        return wall;
    }
}
