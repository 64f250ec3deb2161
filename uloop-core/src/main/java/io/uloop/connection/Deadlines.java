package io.uloop.connection;

import io.uloop.ClosedLoopException;
import io.uloop.LoopTask;
import io.uloop.Timer;
import io.uloop.Uloop;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The timeouts of one connection, on one timer. Moved bytes only record the time, once per event.
 * The timer checks the records when it fires and reschedules itself. A connection has no such
 * object while no timeout can occur.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class Deadlines {
    /** The time that never comes. */
    static final long NEVER = Long.MAX_VALUE;

    /** The result of a check. */
    enum Expiry {
        /** No timeout has expired, and the timer is scheduled again. */
        NONE,
        /** The peer has got everything, but has not ended its direction. */
        PEER_OPEN,
        CLOSE,
        CLOSE_LIMIT,
        WRITE,
        IDLE
    }

    private static final String TAKEN_NONE = ": the peer took none of the pending bytes for ";

    private final Uloop loop;
    private final Shared shared;
    private final LoopTask due;
    private @Nullable Timer timer;
    private long lastMoved;
    private long lastTaken;
    private long closedSince;
    private boolean pending;
    private boolean closing;
    private boolean inEvent;
    private boolean movedInEvent;

    /**
     * Creates the timeouts and starts the idle timeout.
     *
     * @param due called when a timeout may have expired; calls {@link #check}
     */
    Deadlines(Uloop loop, Shared shared, LoopTask due) {
        this.loop = loop;
        this.shared = shared;
        this.due = due;
        lastMoved = now();
        lastTaken = lastMoved;
        schedule(options().idleTimeoutNanos());
    }

    /** Returns whether a connection in this state has a timeout. */
    static boolean areNeeded(ConnectionOptions options, boolean pending, boolean closing) {
        return options.idleTimeoutNanos() != NEVER
                || (pending && options.writeTimeoutNanos() != NEVER)
                || (closing
                        && Math.min(options.closeTimeoutNanos(), options.closeLimitNanos())
                                != NEVER);
    }

    /** Starts the timeouts of a state that is new. */
    void update(boolean nowPending, boolean nowClosing) {
        if (nowPending && !pending) {
            lastTaken = now();
            schedule(options().writeTimeoutNanos());
        }
        pending = nowPending;
        if (nowClosing && !closing) {
            closing = true;
            closedSince = now();
            lastTaken = closedSince;
            schedule(Math.min(options().closeTimeoutNanos(), options().closeLimitNanos()));
        }
    }

    void eventBegins() {
        inEvent = true;
    }

    void eventEnds() {
        inEvent = false;
        if (movedInEvent) {
            movedInEvent = false;
            lastMoved = now();
        }
    }

    /** Records that bytes have moved in either direction. */
    void moved() {
        if (inEvent) {
            movedInEvent = true;
        } else {
            lastMoved = now();
        }
    }

    /** Records that the peer has taken some of the pending bytes. */
    void taken() {
        moved();
        lastTaken = now();
    }

    void cancel() {
        if (timer != null) {
            timer.close();
        }
    }

    /** Returns whether a timeout has expired, as far as is known. */
    boolean isDue() {
        return left() <= 0;
    }

    /** Returns which timeout has expired. If none has, schedules the timer again. */
    Expiry check() {
        long left = left();
        if (left > 0) {
            schedule(left);
            return Expiry.NONE;
        }
        if (closeLeft() <= 0) {
            if (!pending) {
                return Expiry.PEER_OPEN;
            }
            return left(options().closeTimeoutNanos(), lastTaken) <= 0
                    ? Expiry.CLOSE
                    : Expiry.CLOSE_LIMIT;
        }
        return writeLeft() <= 0 ? Expiry.WRITE : Expiry.IDLE;
    }

    /** Returns the end of a message about a connection. */
    String describe(Expiry expiry) {
        return switch (expiry) {
            case NONE, PEER_OPEN -> "";
            case CLOSE ->
                    TAKEN_NONE + text(options().closeTimeoutNanos()) + ", so its close timed out";
            case CLOSE_LIMIT ->
                    ": the peer did not take all of the pending bytes within "
                            + text(options().closeLimitNanos())
                            + ", so its close timed out";
            case WRITE -> TAKEN_NONE + text(options().writeTimeoutNanos());
            case IDLE -> ": no byte moved for " + text(options().idleTimeoutNanos());
        };
    }

    private static String text(long nanos) {
        return Duration.ofNanos(nanos).toString();
    }

    /** Makes the timer fire no later than after the delay. */
    private void schedule(long delayNanos) {
        if (delayNanos == NEVER) {
            return;
        }
        try {
            if (timer == null) {
                // Unreferenced, as the timer of Deadline is.
                timer = loop.callLater(Duration.ofNanos(delayNanos), due).unref();
            } else if (!timer.isActive() || timer.deadline() - now() > delayNanos) {
                timer.reschedule(Duration.ofNanos(delayNanos));
            }
        } catch (ClosedLoopException e) {
            // A closed loop ends the connection.
        }
    }

    /** Returns the nanoseconds until the next timeout. */
    private long left() {
        return Math.min(Math.min(closeLeft(), writeLeft()), idleLeft());
    }

    private long closeLeft() {
        return closing
                ? Math.min(
                        left(options().closeTimeoutNanos(), lastTaken),
                        left(options().closeLimitNanos(), closedSince))
                : NEVER;
    }

    private long writeLeft() {
        return pending ? left(options().writeTimeoutNanos(), lastTaken) : NEVER;
    }

    private long idleLeft() {
        return closing ? NEVER : left(options().idleTimeoutNanos(), lastMoved);
    }

    private long left(long timeoutNanos, long since) {
        return timeoutNanos == NEVER ? NEVER : timeoutNanos - (now() - since);
    }

    private ConnectionOptions options() {
        return shared.options;
    }

    /** Returns the exact time: a delay of the loop must not count as one of the peer. */
    private long now() {
        return shared.clock.getAsLong();
    }
}
