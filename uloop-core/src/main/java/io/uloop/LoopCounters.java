package io.uloop;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The counters of one loop. The loop's thread writes plain fields and publishes them once a turn;
 * any thread reads them after {@link #turns}, and then sees those of that turn or newer ones.
 *
 * <p>Time is split at marks: the time since the last mark belongs to the work or to the wait that
 * ends there. The clock is read for it before a wait that may block if the turn has called
 * something until then; the turn's own readings do for the rest. Readers add the time since the
 * last mark, so that a wait or a callback that still goes on counts. Marks are written under a
 * sequence number, as in a sequence lock, because a mark without its sums would count time twice.
 */
final class LoopCounters {
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

    /** The loop is in no run: the time passes uncounted. */
    private static final int STOPPED = 0;

    private static final int BUSY = 1;
    private static final int WAITING = 2;

    /** Busy and idle time up to one moment. */
    record Times(long busyNanos, long idleNanos) {
        static final Times ZERO = new Times(0, 0);
    }

    long events;
    long timerCalls;
    long taskCalls;
    long wakeups;

    /** How long the last wait took until its first event; 0 if it was none. */
    long waitedNanos;

    private final boolean timed;
    private long turns;
    private long waitLimit;
    private boolean worked;

    // Under the sequence number: odd while they are written.
    private long sequence;
    private long busyNanos;
    private long idleNanos;
    private long mark;
    private int phase = STOPPED;

    /** The readers' last result. */
    private Times reported = Times.ZERO;

    LoopCounters(boolean timed) {
        this.timed = timed;
    }

    /** How many turns are published; what is read after it is at least as new. Any thread. */
    long turns() {
        return (long) TURNS.getAcquire(this);
    }

    /**
     * Returns the times until now, and never less than before: a turn may turn out to have been
     * part of its wait from the start. Any thread.
     */
    synchronized Times times() {
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
        while (true) {
            long before = (long) SEQUENCE.getAcquire(this);
            long busy = busyNanos;
            long idle = idleNanos;
            long since = mark;
            int current = phase;
            VarHandle.acquireFence();
            if ((before & 1) == 0 && before == (long) SEQUENCE.getOpaque(this)) {
                long passed = Math.max(0, System.nanoTime() - since);
                return new Times(
                        busy + (current == BUSY ? passed : 0),
                        idle + (current == WAITING ? passed : 0));
            }
            Thread.onSpinWait();
        }
    }

    void turnBegins(long now) {
        if (timed) {
            advance(now, BUSY);
        } else {
            mark = now;
        }
    }

    /** How much was called before the wait. */
    void called(int timers, int tasks, int hooks) {
        timerCalls += timers;
        taskCalls += tasks;
        worked = (timers | tasks | hooks) != 0;
    }

    /** Limited to so long; 0 does not wait, negative waits for ever. */
    void waitBegins(long limitNanos) {
        waitLimit = limitNanos;
        if (timed && limitNanos != 0) {
            advance(worked ? System.nanoTime() : mark, WAITING);
        }
    }

    /** At its first event or its end. */
    void waitEnds(long now) {
        waitedNanos = waitLimit == 0 ? 0 : now - mark;
        if (timed && waitLimit != 0) {
            advance(now, BUSY);
        }
    }

    /** After the wait has ended. */
    void polled(int count) {
        events += count;
        if (count == 0 && waitLimit != 0 && (waitLimit < 0 || waitedNanos < waitLimit)) {
            wakeups++;
        }
    }

    void turnEnds() {
        TURNS.setRelease(this, turns + 1);
    }

    /** No turn follows for the time being. */
    void runEnds() {
        if (timed && phase != STOPPED) {
            advance(System.nanoTime(), STOPPED);
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
