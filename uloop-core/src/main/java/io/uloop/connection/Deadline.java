package io.uloop.connection;

import io.uloop.ClosedLoopException;
import io.uloop.Timer;
import io.uloop.Uloop;
import io.uloop.internal.LoopAccess;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A time limit that checks for progress before it expires, because the loop may have been delayed
 * instead of the peer. When the time is over, it lets the tasks and events of one more turn run,
 * then looks into the kernel. If that shows progress, the limit is extended by the time by which
 * the loop was late.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class Deadline {
    private final Uloop loop;
    private final Duration limit;
    private final Runnable look;
    private final LongSupplier progress;
    private final Runnable missed;
    private @Nullable Timer timer;
    private boolean over; // the time is over; the look is still to come
    private long progressBefore;
    private long lateNanos;

    /**
     * Creates a deadline that is not running.
     *
     * @param look handles at once any event that the kernel may hold; may cancel this deadline
     * @param progress changes whenever bytes move
     * @param missed called when the deadline expires
     */
    Deadline(Uloop loop, Duration limit, Runnable look, LongSupplier progress, Runnable missed) {
        this.loop = loop;
        this.limit = limit;
        this.look = look;
        this.progress = progress;
        this.missed = missed;
    }

    /** Starts the deadline. Does nothing if the limit is zero. */
    void start() {
        if (!limit.isZero()) {
            try {
                // What it limits keeps an idle run waiting, or does not.
                timer = loop.callLater(limit, this::due).unref();
            } catch (ClosedLoopException e) {
                // A closed loop ends the limited operation.
            }
        }
    }

    /** Cancels the deadline. Idempotent. */
    void cancel() {
        if (timer != null) {
            timer.close();
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
            lateNanos = LoopAccess.of(loop).clock().getAsLong() - running.deadline();
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
