package io.uloop;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What one loop counts. The loop's thread writes plain fields and publishes them once a turn; any
 * thread reads them after {@link #turns}, and then sees those of that turn or newer ones.
 *
 * <p>Time is split at marks: what has passed since the mark before belongs to the work or to the
 * wait that ends there. The clock is read for it before a wait that may block if the turn has
 * called something until then; the turn's own readings do for the rest.
 */
final class LoopCounters {
    private static final VarHandle TURNS;

    static {
        try {
            TURNS = MethodHandles.lookup().findVarHandle(LoopCounters.class, "turns", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    long events;
    long busyNanos;
    long idleNanos;
    long timerCalls;
    long taskCalls;
    long wakeups;

    /** How long the last wait took until its first event; 0 if it was none. */
    long waitedNanos;

    private final boolean timed;
    private long turns;
    private long mark;
    private long waitLimit;
    private boolean running;
    private boolean worked;

    LoopCounters(boolean timed) {
        this.timed = timed;
    }

    /** How many turns are published; what is read after it is at least as new. Any thread. */
    long turns() {
        return (long) TURNS.getAcquire(this);
    }

    void turnBegins(long now) {
        if (timed && running) {
            busyNanos += now - mark;
        }
        running = true;
        mark = now;
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
        if (timed && worked && limitNanos != 0) {
            long now = System.nanoTime();
            busyNanos += now - mark;
            mark = now;
        }
    }

    /** At its first event or its end. */
    void waitEnds(long now) {
        waitedNanos = waitLimit == 0 ? 0 : now - mark;
        if (timed && waitLimit != 0) {
            idleNanos += waitedNanos;
            mark = now;
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
        if (timed && running) {
            busyNanos += System.nanoTime() - mark;
        }
        running = false;
        TURNS.setRelease(this, turns);
    }
}
