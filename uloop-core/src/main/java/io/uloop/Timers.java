package io.uloop;

import io.uloop.observe.Callbacks;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The timers of one loop on two clocks: the steady one of {@link Uloop#now}, which only moves
 * forward, and the wall clock, which may be set. No notification of a set clock works on every
 * platform, so the loop checks the wall clock at least once a second while it has wall timers.
 */
final class Timers {
    /** The longest delay, 146 years. With it any two deadlines differ by less than 2^63 ns. */
    private static final long MAX_DELAY_NANOS = Long.MAX_VALUE >> 1;

    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long NO_SEQUENCE = -1;

    private final TimerHeap steady = new TimerHeap();
    private final TimerHeap wall = new TimerHeap();
    private final LongSupplier steadyClock;
    private final InstantSource wallClock;
    private final LoopState state;
    private final LoopOwner owner;
    private final Failures failures;
    private long lastWallNow;

    /** The heap whose timers are running, and the time of that run. */
    private @Nullable TimerHeap running;

    private long runningAt;

    /** The timer that is being called, the time for which it was called, and its next place. */
    private @Nullable Timer called;

    private long calledFor;
    private long sequenceAtCall;

    Timers(
            LongSupplier steadyClock,
            InstantSource wallClock,
            LoopState state,
            LoopOwner owner,
            Failures failures) {
        this.steadyClock = steadyClock;
        this.wallClock = wallClock;
        this.state = state;
        this.owner = owner;
        this.failures = failures;
    }

    int size() {
        return steady.size() + wall.size();
    }

    /** {@return how many timers keep an idle run waiting} */
    int awaitedSize() {
        return steady.awaitedSize() + wall.awaitedSize();
    }

    /** Implements {@link Timer#ref} and {@link Timer#unref}. */
    void setUnref(Timer timer, boolean unref) {
        boolean claimed = owner.claim();
        try {
            heap(timer).setUnref(timer, unref);
        } finally {
            owner.release(claimed);
        }
    }

    /** Adds a line for each timer, earliest first. */
    void dump(StringBuilder text) {
        dump(text, steady.sorted(), steadyClock.getAsLong());
        dump(text, wall.sorted(), wallNow());
    }

    private static void dump(StringBuilder text, Timer[] timers, long now) {
        for (Timer timer : timers) {
            long millis = TimeUnit.NANOSECONDS.toMillis(Math.max(0, timer.deadline - now));
            text.append("\n  timer due in ").append(millis).append(" ms");
            if (timer.repetition != Timer.Repetition.NONE) {
                text.append(timer.repetition == Timer.Repetition.RATE ? ", every " : ", pause ");
                text.append(Duration.ofNanos(timer.periodNanos));
            }
            text.append(timer.unref ? ", unreferenced: " : ": ");
            text.append(Callbacks.programName(timer.task));
        }
    }

    /** Implements {@link Uloop#callLater}. */
    Timer callLater(Duration delay, LoopTask task) {
        Timer timer = new Timer(this, false, task);
        reschedule(timer, delay);
        return timer;
    }

    /** Implements {@link Uloop#callAt}. */
    Timer callAt(Instant time, LoopTask task) {
        Timer timer = new Timer(this, true, task);
        restart(timer, nanosSince1970(time));
        return timer;
    }

    /** Implements {@link Uloop#callEvery}. */
    Timer callEvery(Duration period, LoopTask task) {
        Timer timer = new Timer(this, false, task).repeatEvery(period);
        reschedule(timer, period);
        return timer;
    }

    /** Implements {@link Timer#reschedule}. */
    void reschedule(Timer timer, Duration delay) {
        reschedule(timer, nanos(delay));
    }

    /** Implements {@link Timer#rescheduleNanos}. */
    void reschedule(Timer timer, long delayNanos) {
        long now = timer.isWall() ? wallNow() : steadyClock.getAsLong();
        restart(timer, now + Math.min(Math.max(delayNanos, 0), MAX_DELAY_NANOS));
    }

    private void restart(Timer timer, long deadline) {
        boolean claimed = owner.claim();
        try {
            state.requireOpen();
            start(timer, deadline);
        } finally {
            owner.release(claimed);
        }
    }

    /** Implements {@link Timer#repeatEvery} and {@link Timer#repeatAfter}. */
    void repeat(Timer timer, Timer.Repetition repetition, Duration period) {
        long nanos = periodNanos(period);
        boolean claimed = owner.claim();
        try {
            boolean repeats = timer.repetition != Timer.Repetition.NONE;
            timer.repetition = repetition;
            timer.periodNanos = nanos;
            if (repeats && timer.isActive()) {
                changePeriod(timer);
            }
        } finally {
            owner.release(claimed);
        }
    }

    /** Starts the grid of the new period at the next call, or at the call in progress. */
    private void changePeriod(Timer timer) {
        if (timer == called && timer.sequence == sequenceAtCall) {
            timer.firstDeadline = calledFor;
            heap(timer).schedule(timer, timer.following(runningAt));
            sequenceAtCall = timer.sequence;
        } else {
            timer.firstDeadline = timer.deadline;
        }
    }

    /** Implements {@link Timer#close}. */
    void cancel(Timer timer) {
        boolean claimed = false;
        try {
            claimed = owner.claim();
            remove(timer);
        } catch (ClosedLoopException e) {
            // Another thread ends the loop, which calls no timer any more.
        } finally {
            owner.release(claimed);
        }
    }

    /** Implements {@link Uloop#removePeriodic}. */
    boolean removePeriodic(LoopTask task) {
        boolean claimed = false;
        try {
            claimed = owner.claim();
            Timer timer = steady.findRepeated(task);
            return timer != null && remove(timer);
        } catch (ClosedLoopException e) {
            return false; // another thread ends the loop, which calls no timer any more
        } finally {
            owner.release(claimed);
        }
    }

    /**
     * Starts a timer. A timer that is already due is queued for the next turn behind all timers
     * that are due in this turn. In front of them it would end this turn's run, of which it is not
     * a part, and a timer that keeps restarting would do so in every turn.
     */
    void start(Timer timer, long deadline) {
        TimerHeap heap = heap(timer);
        boolean overtakes = heap == running && deadline - runningAt < 0;
        timer.firstDeadline = deadline;
        heap.schedule(timer, overtakes ? runningAt : deadline);
    }

    boolean remove(Timer timer) {
        return heap(timer).remove(timer);
    }

    /**
     * Runs timers that were due and scheduled when the turn started, up to a limit for each clock.
     * Returns how many it has run.
     */
    int run(long now, int bound) {
        int count = steady.isDue(now) ? run(steady, now, bound) : 0;
        if (wall.size() > 0) {
            long wallNow = wallNow();
            if (wallNow < lastWallNow) {
                wall.followBackwards(wallNow);
            }
            lastWallNow = wallNow;
            count += run(wall, wallNow, bound);
        }
        return count;
    }

    /**
     * Returns the only timer that limits the next wait.
     *
     * @return the next timer on the steady clock; null if there is none, or if timers on the wall
     *     clock limit the wait, too
     */
    @Nullable Timer onlyLimit() {
        return wall.size() == 0 ? steady.peek() : null;
    }

    /**
     * Returns how long to wait until a timer may be due, at most the given time. A negative time
     * means forever.
     */
    long limit(long timeoutNanos) {
        long limited = timeoutNanos;
        Timer next = steady.peek();
        if (next != null) {
            limited = earlier(limited, next.deadline - steadyClock.getAsLong());
        }
        Timer nextWall = wall.peek();
        if (nextWall != null) {
            limited = earlier(limited, Math.min(nextWall.deadline - wallNow(), LOOK_NANOS));
        }
        return limited;
    }

    private static long earlier(long timeoutNanos, long untilNanos) {
        long positive = Math.max(untilNanos, 0);
        return timeoutNanos < 0 ? positive : Math.min(timeoutNanos, positive);
    }

    private int run(TimerHeap heap, long now, int bound) {
        long sequenceEnd = heap.nextSequence();
        running = heap;
        runningAt = now;
        try {
            for (int i = 0; i < bound; i++) {
                Timer timer = heap.due(now, sequenceEnd);
                if (timer == null) {
                    return i;
                }
                call(heap, timer, now);
            }
            return bound;
        } finally {
            running = null;
        }
    }

    /** Reschedules the timer before its call, which may then cancel or move it. */
    private void call(TimerHeap heap, Timer timer, long now) {
        switch (timer.repetition) {
            case NONE -> {
                sequenceAtCall = NO_SEQUENCE;
                heap.remove(timer);
                failures.guard("timer", timer.task);
            }
            case RATE -> {
                calledFor = timer.deadline;
                heap.schedule(
                        timer, timer.following(now)); // skips missed calls, so there is no burst
                callRepeated(timer);
            }
            case DELAY -> {
                calledFor = now;
                heap.schedule(timer, now + timer.periodNanos);
                callRepeated(timer);
            }
        }
        if (timer.repetition == Timer.Repetition.DELAY
                && timer.isActive()
                && timer.sequence == sequenceAtCall) {
            long returned = timer.isWall() ? wallNow() : steadyClock.getAsLong();
            heap.schedule(timer, returned + timer.periodNanos);
        }
    }

    private void callRepeated(Timer timer) {
        called = timer;
        sequenceAtCall = timer.sequence;
        try {
            failures.guard("timer", timer.task);
        } finally {
            called = null;
        }
    }

    private TimerHeap heap(Timer timer) {
        return timer.isWall() ? wall : steady;
    }

    private long wallNow() {
        return nanosSince1970(wallClock.instant());
    }

    /**
     * Converts to 0 to {@link #MAX_DELAY_NANOS}, the year 2116, so that differences and sums fit.
     */
    static long nanosSince1970(Instant instant) {
        long seconds = instant.getEpochSecond();
        if (seconds < 0) {
            return 0;
        }
        if (seconds >= TimeUnit.NANOSECONDS.toSeconds(MAX_DELAY_NANOS)) {
            return MAX_DELAY_NANOS;
        }
        return TimeUnit.SECONDS.toNanos(seconds) + instant.getNano();
    }

    /** Converts to 0 to {@link #MAX_DELAY_NANOS}. */
    static long nanos(Duration duration) {
        if (duration.isNegative()) {
            return 0;
        }
        if (duration.toSeconds() >= TimeUnit.NANOSECONDS.toSeconds(MAX_DELAY_NANOS)) {
            return MAX_DELAY_NANOS;
        }
        return duration.toNanos();
    }

    /** Converts a period, which must be more than zero. */
    static long periodNanos(Duration period) {
        if (period.isNegative() || period.isZero()) {
            throw new IllegalArgumentException("a period must be more than zero, not " + period);
        }
        return nanos(period);
    }
}
