package io.uloop.connection;

import io.uloop.ClosedLoopException;
import io.uloop.Timer;
import io.uloop.Uloop;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The timeouts of one connection, on one timer. Moved bytes only record the time. The timer checks
 * the records when it fires and reschedules itself. No timer is created while no timeout can occur.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class Deadlines {
    private static final long NEVER = Long.MAX_VALUE;
    private static final String TAKEN_NONE = ": the peer took none of the pending bytes";

    private final SocketConnection connection;
    private final Uloop loop;
    private final long idleNanos;
    private final long writeNanos;
    private final long closeNanos;
    private final long closeLimitNanos;
    private @Nullable Timer timer;
    private long lastMoved;
    private long lastTaken;
    private long closedSince;
    private boolean closing;

    Deadlines(SocketConnection connection, ConnectionOptions options) {
        this.connection = connection;
        loop = connection.loop();
        idleNanos = nanos(options.idleTimeout());
        writeNanos = nanos(options.writeTimeout());
        closeNanos = nanos(options.closeTimeout());
        closeLimitNanos = nanos(options.closeLimit());
    }

    private static long nanos(Duration timeout) {
        if (timeout.isZero()) {
            return NEVER;
        }
        return timeout.compareTo(Duration.ofDays(365)) < 0 ? timeout.toNanos() : NEVER;
    }

    /** Starts the idle timeout of an opened connection. */
    void start() {
        moved();
        schedule(idleNanos);
    }

    /** Records that bytes have moved in either direction. */
    void moved() {
        if (idleNanos != NEVER) {
            lastMoved = System.nanoTime();
        }
    }

    /** Starts the write timeout: bytes are pending from now on. */
    void blocked() {
        if (writeNanos != NEVER) {
            lastTaken = System.nanoTime();
            schedule(writeNanos);
        }
    }

    /** Records that the peer has taken some of the pending bytes. */
    void taken() {
        moved();
        if (writeNanos != NEVER || closing) {
            lastTaken = System.nanoTime();
        }
    }

    /** Starts the close timeout and the close limit. */
    void closing() {
        closing = true;
        closedSince = System.nanoTime();
        lastTaken = closedSince;
        schedule(Math.min(closeNanos, closeLimitNanos));
    }

    void cancel() {
        if (timer != null) {
            timer.close();
        }
    }

    /** Makes the timer fire no later than after the delay. */
    private void schedule(long delayNanos) {
        if (delayNanos == NEVER) {
            return;
        }
        try {
            if (timer == null) {
                timer = loop.callLater(Duration.ofNanos(delayNanos), this::look);
            } else if (!timer.isActive() || timer.deadline() - System.nanoTime() > delayNanos) {
                timer.reschedule(Duration.ofNanos(delayNanos));
            }
        } catch (ClosedLoopException e) {
            // A closed loop ends the connection.
        }
    }

    private void look() {
        if (left() <= 0) {
            // The loop may have been delayed, not the peer: bytes that have arrived count.
            connection.catchUp();
        }
        if (connection.isGone()) {
            return;
        }
        long left = left();
        if (left > 0) {
            schedule(left);
        } else if (closing && closeLeft() <= 0) {
            closeTimedOut();
        } else if (writeLeft() <= 0) {
            timedOut(TAKEN_NONE + " for " + Duration.ofNanos(writeNanos), true);
        } else {
            timedOut(": no byte moved for " + Duration.ofNanos(idleNanos), isPending());
        }
    }

    private void closeTimedOut() {
        if (!isPending()) {
            connection.end(null, false);
        } else if (left(closeNanos, lastTaken) <= 0) {
            String taken = TAKEN_NONE + " for " + Duration.ofNanos(closeNanos);
            timedOut(taken + ", so its close timed out", true);
        } else {
            timedOut(
                    ": the peer did not take all of the pending bytes within "
                            + Duration.ofNanos(closeLimitNanos)
                            + ", so its close timed out",
                    true);
        }
    }

    private void timedOut(String message, boolean reset) {
        connection.end(new SocketTimeoutException(connection + message), reset);
    }

    private boolean isPending() {
        return connection.pendingBytes() > 0;
    }

    /** Returns the nanoseconds until the next timeout. */
    private long left() {
        return Math.min(Math.min(closeLeft(), writeLeft()), idleLeft());
    }

    private long closeLeft() {
        return closing
                ? Math.min(left(closeNanos, lastTaken), left(closeLimitNanos, closedSince))
                : NEVER;
    }

    private long writeLeft() {
        return isPending() ? left(writeNanos, lastTaken) : NEVER;
    }

    private long idleLeft() {
        return closing ? NEVER : left(idleNanos, lastMoved);
    }

    private static long left(long timeoutNanos, long since) {
        return timeoutNanos == NEVER ? NEVER : timeoutNanos - (System.nanoTime() - since);
    }
}
