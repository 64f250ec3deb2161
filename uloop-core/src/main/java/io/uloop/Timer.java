package io.uloop;

import java.time.Duration;

/**
 * One delayed or periodic call, made by {@link Uloop#callLater} or {@link Uloop#addPeriodic}. Every
 * method is for the thread that runs the loop, or any one thread while none does.
 */
public final class Timer {
    private final Uloop loop;
    private final Runnable task;
    private final long periodNanos;

    // The heap's: place in its array, -1 outside; order among equal deadlines.
    int index = -1;
    long deadline;
    long sequence;

    Timer(Uloop loop, Runnable task, long periodNanos) {
        this.loop = loop;
        this.task = task;
        this.periodNanos = periodNanos;
    }

    /**
     * Calls it off; nothing if it has been called or cancelled already. Safe in every callback,
     * this timer's own included.
     *
     * @return true if it was active
     * @throws IllegalStateException if another thread runs the loop
     */
    public boolean cancel() {
        return loop.cancel(this);
    }

    /**
     * Starts it anew, whether active, called or cancelled: the next call comes after the delay, and
     * a periodic one goes on by its period from there.
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
     * @return the time of the next call, or of the last one if none is to come, on the clock of
     *     {@link System#nanoTime} in nanoseconds; compare by difference
     */
    public long deadline() {
        return deadline;
    }

    Runnable task() {
        return task;
    }

    /** 0 unless periodic. */
    long periodNanos() {
        return periodNanos;
    }
}
