package io.uloop;

import java.time.Duration;

/**
 * One delayed or repeated call, made by the {@code call} methods of {@link Uloop}. Every method is
 * for the thread that runs the loop, or any one thread while none does.
 */
public final class Timer {
    /** What follows a call. */
    enum Repetition {
        NONE,
        /** The next multiple of the period that is not over yet. */
        RATE,
        /** One period after the call has returned. */
        DELAY
    }

    final Repetition repetition;
    final long periodNanos;
    final Runnable task;

    /** As it was asked for when it was made or rescheduled. */
    long firstDeadline;

    // The heap's: place in its array, -1 outside; order among equal deadlines.
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
     * Calls it off; nothing if it has been called or cancelled already. Costs O(log n). Safe in
     * every callback, this timer's own included.
     *
     * @return true if it was active
     * @throws IllegalStateException if another thread runs the loop
     */
    public boolean cancel() {
        return loop.cancel(this);
    }

    /**
     * Starts it anew, whether active, called or cancelled: the next call comes after the delay, and
     * a repeated one goes on by its period from there. Costs O(log n) and allocates nothing. Safe
     * in every callback, this timer's own included.
     *
     * @param delay from now; zero or less means the next turn
     * @throws IllegalStateException if another thread runs the loop, or the loop is closed
     */
    public void reschedule(Duration delay) {
        loop.schedule(this, delay);
    }

    /**
     * Tells whether a call is to come. A timer that is called for the last time is no longer active
     * during the call.
     *
     * @return false once called for the last time or cancelled
     */
    public boolean isActive() {
        return index >= 0;
    }

    /**
     * When it is due. Never called earlier; how much later depends on what else the loop does.
     *
     * @return the time of the next call, or of the last one if none is to come, in nanoseconds: on
     *     the clock of {@link System#nanoTime}, to be compared by difference, or since 1970 if it
     *     was made for an {@link java.time.Instant}
     */
    public long deadline() {
        return deadline;
    }

    /** The first time on the grid of a rate that is later than the given one. */
    long following(long now) {
        long sinceFirst = now - firstDeadline;
        return sinceFirst < 0
                ? firstDeadline
                : firstDeadline + (sinceFirst / periodNanos + 1) * periodNanos;
    }

    /** Whether it follows the wall clock. */
    boolean isWall() {
        return wall;
    }
}
