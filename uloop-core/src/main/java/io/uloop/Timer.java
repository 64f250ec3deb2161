package io.uloop;

import java.time.Duration;

/**
 * A delayed or repeating call, created by {@link Uloop#callLater}, {@link Uloop#callAt} or {@link
 * Uloop#callEvery}.
 *
 * <pre>{@code
 * loop.callLater(Duration.ofSeconds(1), this::expire);
 * loop.callEvery(Duration.ofSeconds(10), this::report);
 * loop.callLater(Duration.ZERO, this::collect).repeatAfter(Duration.ofMinutes(1));
 * loop.callAt(midnight, this::rotate).repeatEvery(Duration.ofDays(1));
 * }</pre>
 *
 * <p>Not thread-safe: call from the loop's thread.
 *
 * @since 0.1
 */
public final class Timer implements RefHandle {
    /** When a timer is called again. */
    enum Repetition {
        NONE,
        /** At the next multiple of the period that is still to come. */
        RATE,
        /** One period after the call returned. */
        DELAY
    }

    Repetition repetition = Repetition.NONE;
    long periodNanos;
    final LoopTask task;

    /** The deadline as requested when the timer was created or rescheduled. */
    long firstDeadline;

    /** Whether an idle run ends although the timer is active. */
    boolean unref;

    // Used by the heap: the index in its array or -1, and the order of equal deadlines.
    int index = -1;
    long deadline;
    long sequence;

    private final Timers timers;
    private final boolean wall;

    Timer(Timers timers, boolean wall, LoopTask task) {
        this.timers = timers;
        this.wall = wall;
        this.task = task;
    }

    /**
     * Cancels the timer. Idempotent. Costs O(log n). May be called in any callback, including the
     * timer's own.
     */
    @Override
    public void close() {
        timers.cancel(this);
    }

    /**
     * Repeats the timer at a fixed rate. The rate does not drift, because every call is due a
     * multiple of the period after the first. If the loop is delayed, a single call replaces those
     * that were missed.
     *
     * <p>On the wall clock the same holds if the clock is set forward. If it is set back, the next
     * call is at the next multiple, but never before the first time.
     *
     * <p>Changes the period of a timer that already repeats. Its next call keeps its time, and the
     * later ones follow in the new period. In its own call, the next call is due one new period
     * after the time of this one. For a change that applies at once, call {@link #reschedule} as
     * well.
     *
     * @param period more than zero
     * @return this
     * @throws IllegalArgumentException if the period is zero or negative
     */
    public Timer repeatEvery(Duration period) {
        timers.repeat(this, Repetition.RATE, period);
        return this;
    }

    /**
     * Repeats the timer with a pause: each call is due a fixed delay after the previous one
     * returned. Changes the pause of a timer that already repeats, like {@link #repeatEvery}.
     *
     * @param pause more than zero
     * @return this
     * @throws IllegalArgumentException if the pause is zero or negative
     */
    public Timer repeatAfter(Duration pause) {
        timers.repeat(this, Repetition.DELAY, pause);
        return this;
    }

    /**
     * Restarts the timer, whether it is active, expired or closed. The next call follows after the
     * delay, and a repeating timer continues with its period from there. Costs O(log n) and does
     * not allocate. May be called in any callback, including the timer's own.
     *
     * @param delay from now; zero or less means the next turn
     * @throws IllegalStateException if the loop is closed
     */
    public void reschedule(Duration delay) {
        timers.reschedule(this, delay);
    }

    /**
     * Restarts the timer like {@link #reschedule}, for callers that have no {@link Duration}.
     *
     * @param delayNanos from now, in nanoseconds; zero or less means the next turn
     * @throws IllegalStateException if the loop is closed
     */
    public void rescheduleNanos(long delayNanos) {
        timers.reschedule(this, delayNanos);
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
     * Lets {@link Uloop#runUntilIdle} end although the timer is active. The timer is still called
     * while the loop runs. Idempotent.
     *
     * @return this
     */
    @Override
    public Timer unref() {
        timers.setUnref(this, true);
        return this;
    }

    /**
     * Reverts {@link #unref}, so that the active timer keeps an idle run waiting. Idempotent.
     *
     * @return this
     */
    @Override
    public Timer ref() {
        timers.setUnref(this, false);
        return this;
    }

    /** {@return whether the timer keeps an idle run waiting while it is active} */
    @Override
    public boolean hasRef() {
        return !unref;
    }

    /** {@return the period or pause in nanoseconds; 0 if the timer does not repeat} */
    public long periodNanos() {
        return periodNanos;
    }

    /**
     * Returns when the timer is due. It is never called earlier. How much later depends on the
     * other callbacks of the loop.
     *
     * @return the time of the next call, or of the last one if none follows, in nanoseconds. The
     *     time is on the clock of {@link Uloop#now}, to be compared by difference, or since 1970
     *     for a timer on the wall clock
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
