package io.uloop.observe;

import io.uloop.poller.spi.SpinWait;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The counters of one loop. The loop's thread writes plain fields and publishes them once in a
 * turn. After {@link #turns}, any thread may read them and sees the values of that turn or newer
 * ones.
 *
 * <p>Time is split at marks. The time since the last mark counts as busy or as idle when that phase
 * ends. An extra clock reading is needed only before a wait that may block in a turn that has
 * called something; otherwise the turn's own readings suffice. Readers add the time since the last
 * mark, so that a wait or callback in progress counts. Marks are written under a sequence number,
 * as in a sequence lock, because a mark without its sums would count time twice.
 */
public final class LoopCounters {
    private static final VarHandle TURNS;
    private static final VarHandle SEQUENCE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TURNS = lookup.findVarHandle(LoopCounters.class, "turns", long.class);
            SEQUENCE = lookup.findVarHandle(LoopCounters.class, "sequence", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The loop is not running, so time is not counted. */
    private static final int STOPPED = 0;

    private static final long[] NONE = {};

    private static final int BUSY = 1;
    private static final int WAITING = 2;

    /**
     * Busy and idle time up to one moment.
     *
     * @param busyNanos time outside the wait
     * @param idleNanos time inside the wait
     */
    public record Times(long busyNanos, long idleNanos) {
        static final Times ZERO = new Times(0, 0);
    }

    private long events;
    private long timerCalls;
    private long taskCalls;
    private long wakeups;
    private long waitedNanos;

    private final LongSupplier clock;
    private final boolean timed;
    private long turns;
    private long waitLimit;
    private boolean worked;

    // Guarded by the sequence number, which is odd during a write.
    private long sequence;
    private long busyNanos;
    private long idleNanos;
    private long mark;
    private int phase = STOPPED;

    /** Null until turns are measured for the first time. */
    private volatile @Nullable TurnHistogram histogram;

    private volatile boolean measuresTurns;
    private long busyAtTurn;
    private boolean inTurn;

    /** The last result returned to readers. */
    private Times reported = Times.ZERO;

    /**
     * Creates counters that are 0.
     *
     * @param clock the loop's clock in nanoseconds
     * @param timed whether to measure busy and idle time
     */
    LoopCounters(LongSupplier clock, boolean timed) {
        this.clock = clock;
        this.timed = timed;
    }

    /** {@return how many events were dispatched} */
    public long events() {
        return events;
    }

    /** {@return how many timers were called} */
    public long timerCalls() {
        return timerCalls;
    }

    /** {@return how many tasks were called} */
    public long taskCalls() {
        return taskCalls;
    }

    /** {@return how many waits ended early without an event} */
    public long wakeups() {
        return wakeups;
    }

    /** {@return how long the last wait took until its first event; 0 if it did not wait} */
    long waitedNanos() {
        return waitedNanos;
    }

    /**
     * Returns the published number of turns. Values read afterwards are at least as recent.
     * Thread-safe.
     *
     * @return the number of turns
     */
    public long turns() {
        return (long) TURNS.getAcquire(this);
    }

    /**
     * Sets whether to measure how long each turn takes. Has no effect if time is not measured.
     * Thread-safe.
     *
     * @param on whether to measure
     */
    void measureTurns(boolean on) {
        if (on && timed && histogram == null) {
            histogram = new TurnHistogram();
        }
        measuresTurns = on;
    }

    /**
     * {@return the numbers of turns by bucket of a {@link TurnHistogram}; empty if they were never
     * measured} Thread-safe, after {@link #turns}.
     */
    public long[] turnsByTime() {
        TurnHistogram measured = histogram;
        return measured == null ? NONE : measured.copy();
    }

    /**
     * Returns the times until now. They never decrease, even if a turn turns out to have been part
     * of its wait from the start. Thread-safe.
     *
     * @return the times; 0 if they are not measured
     */
    public synchronized Times times() {
        if (timed) {
            Times now = timesUntilNow();
            reported =
                    new Times(
                            Math.max(now.busyNanos, reported.busyNanos),
                            Math.max(now.idleNanos, reported.idleNanos));
        }
        return reported;
    }

    private Times timesUntilNow() {
        for (int round = 0; ; round++) {
            long before = (long) SEQUENCE.getAcquire(this);
            long busy = busyNanos;
            long idle = idleNanos;
            long since = mark;
            int current = phase;
            VarHandle.acquireFence();
            if ((before & 1) == 0 && before == (long) SEQUENCE.getOpaque(this)) {
                long passed = Math.max(0, clock.getAsLong() - since);
                return new Times(
                        busy + (current == BUSY ? passed : 0),
                        idle + (current == WAITING ? passed : 0));
            }
            SpinWait.pause(round);
        }
    }

    /**
     * Records the start of a turn.
     *
     * @param now the time in nanoseconds
     */
    void turnBegins(long now) {
        worked = false;
        if (timed) {
            advance(now, BUSY);
            measure();
            inTurn = true;
        } else {
            mark = now;
        }
    }

    /** Counts a turn that has ended by the time that was busy since it started. */
    private void measure() {
        TurnHistogram target = measuresTurns ? histogram : null;
        if (target != null && inTurn) {
            target.add(busyNanos - busyAtTurn);
        }
        busyAtTurn = busyNanos;
    }

    /**
     * Counts calls made before or after the wait.
     *
     * @param timers calls of timers
     * @param tasks calls of tasks
     * @param others calls of hooks, or of others that are not counted
     */
    void called(int timers, int tasks, int others) {
        timerCalls += timers;
        taskCalls += tasks;
        worked |= (timers | tasks | others) != 0;
    }

    /**
     * Records the start of a wait.
     *
     * @param limitNanos its limit; 0 does not wait, a negative limit waits forever
     */
    void waitBegins(long limitNanos) {
        waitLimit = limitNanos;
        if (limitNanos != 0) {
            idles();
        }
    }

    /**
     * Records the start of a wait until a timer.
     *
     * @param deadlineNanos the time of the timer, which was in the future when the turn started
     */
    void waitBeginsUntil(long deadlineNanos) {
        waitBegins(deadlineNanos - mark);
        waitLimit = Math.max(1, deadlineNanos - mark); // which callbacks may have moved
    }

    /**
     * Records the end of a wait, at its first event or when it returns.
     *
     * @param now the time in nanoseconds
     */
    void waitEnds(long now) {
        waitedNanos = waitLimit == 0 ? 0 : now - mark;
        if (timed && waitLimit != 0) {
            advance(now, BUSY);
        }
    }

    /** Lets the time from now on, or since the mark if nothing was called since, count as idle. */
    void idles() {
        if (timed) {
            if (worked) {
                advance(clock.getAsLong(), WAITING);
            } else {
                phase = WAITING;
            }
        }
    }

    /** Records the end of a wait that took no time, because events were ready. */
    void waitSkipped() {
        waitedNanos = 0;
        if (timed && waitLimit != 0) {
            phase = BUSY;
        }
    }

    /**
     * Counts the events of a poll after its wait has ended.
     *
     * @param count the number of events
     */
    void polled(int count) {
        events += count;
        if (count == 0 && waitLimit != 0 && (waitLimit < 0 || waitedNanos < waitLimit)) {
            wakeups++;
        }
    }

    /**
     * Publishes the counts of a turn.
     *
     * @param moreEvents events that were dispatched without a poll
     */
    void turnEnds(int moreEvents) {
        events += moreEvents;
        TURNS.setRelease(this, turns + 1);
    }

    /** Stops the time until the next run. */
    void runEnds() {
        if (timed && phase != STOPPED) {
            advance(clock.getAsLong(), STOPPED);
            measure();
            inTurn = false;
        }
        TURNS.setRelease(this, turns);
    }

    /** Adds the time since the last mark to the phase that ends. */
    private void advance(long now, int next) {
        long writing = sequence + 1;
        SEQUENCE.setOpaque(this, writing);
        VarHandle.storeStoreFence();
        if (phase == BUSY) {
            busyNanos += now - mark;
        } else if (phase == WAITING) {
            idleNanos += now - mark;
        }
        mark = now;
        phase = next;
        SEQUENCE.setRelease(this, writing + 1);
    }
}
