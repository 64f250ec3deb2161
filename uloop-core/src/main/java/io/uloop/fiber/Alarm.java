package io.uloop.fiber;

import io.uloop.LoopTask;
import io.uloop.Timer;
import io.uloop.Uloop;
import io.uloop.internal.LoopAccess;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A timer of a loop that any thread may set and cancel, once each. Thread-safe. Cancelling does not
 * wait for a timer that goes off at the same time on another thread.
 */
abstract class Alarm implements LoopTask {
    private final Uloop loop;

    private final boolean isLimit;

    // Used on the loop's thread only.
    private @Nullable Timer timer;
    private boolean cancelled;
    private boolean prolonged;

    /**
     * Creates an alarm that is not set.
     *
     * @param isLimit true if the time limits a wait. Then the delay of a late loop is added once,
     *     because what is waited for may have come in time, and the loop has not looked yet
     */
    Alarm(Uloop loop, boolean isLimit) {
        this.loop = loop;
        this.isLimit = isLimit;
    }

    /** Starts the time. Nothing happens if the loop is closed. */
    final void set(Duration delay) {
        onLoop(() -> start(delay));
    }

    final void cancel() {
        onLoop(this::stop);
    }

    private void start(Duration delay) {
        if (!cancelled) {
            timer = loop.callLater(delay, this);
        }
    }

    private void stop() {
        cancelled = true;
        if (timer != null) {
            timer.close();
        }
    }

    private void onLoop(Runnable change) {
        try {
            if (loop.inLoop()) {
                change.run();
            } else {
                loop.execute(change);
            }
        } catch (RejectedExecutionException | IllegalStateException e) {
            // A closed loop has no timers, and its fibers are woken.
        }
    }

    /** Called on the loop's thread when the time is over. */
    abstract void ring();

    @Override
    public final void run() {
        Timer running = timer;
        if (isLimit && !prolonged && running != null) {
            prolonged = true;
            long late = LoopAccess.of(loop).clock().getAsLong() - running.deadline();
            running.reschedule(Duration.ofNanos(Math.max(0, late)));
            return;
        }
        ring();
    }
}
