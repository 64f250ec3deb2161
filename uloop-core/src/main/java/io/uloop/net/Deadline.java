package io.uloop.net;

import io.uloop.ClosedLoopException;
import io.uloop.Timer;
import io.uloop.Uloop;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A time limit that looks before it is declared missed: the loop may have been held up, and not the
 * peer. When the time is over, the tasks and events of one more turn come first, then a look into
 * the kernel. If that shows progress, the time by which the loop was late is given back.
 */
final class Deadline {
    private final Uloop loop;
    private final Duration limit;
    private final Runnable look;
    private final LongSupplier progress;
    private final Runnable missed;
    private @Nullable Timer timer;
    private boolean over; // its time, but for the look
    private long progressBefore;
    private long lateNanos;

    /**
     * Creates one that is not running.
     *
     * @param look does at once what the kernel might report; may cancel this
     * @param progress changes whenever something moves
     * @param missed called at the end
     */
    Deadline(Uloop loop, Duration limit, Runnable look, LongSupplier progress, Runnable missed) {
        this.loop = loop;
        this.limit = limit;
        this.look = look;
        this.progress = progress;
        this.missed = missed;
    }

    /** Starts; nothing if the limit is zero. */
    void start() {
        if (!limit.isZero()) {
            try {
                timer = loop.callLater(limit, this::due);
            } catch (ClosedLoopException e) {
                // The end of the loop is the end of what this limits.
            }
        }
    }

    /** Ends it. Idempotent. */
    void cancel() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private void due() {
        Timer running = timer;
        if (running == null) {
            return;
        }
        if (!over) {
            over = true;
            progressBefore = progress.getAsLong();
            lateNanos = System.nanoTime() - running.deadline();
            running.reschedule(Duration.ZERO);
            return;
        }
        over = false;
        look.run();
        if (timer == null) {
            return;
        }
        if (progress.getAsLong() != progressBefore) {
            running.reschedule(Duration.ofNanos(lateNanos));
        } else {
            missed.run();
        }
    }
}
