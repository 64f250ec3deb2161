package io.uloop.net;

import io.uloop.ClosedLoopException;
import io.uloop.Timer;
import io.uloop.Uloop;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The timeouts of one connection on one timer. What moves bytes only notes the time; the timer
 * looks when it comes, and goes on from there. None is made while no timeout can come.
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

    /** The connection is opened. */
    void start() {
        moved();
        schedule(idleNanos);
    }

    /** Bytes have moved in either direction. */
    void moved() {
        if (idleNanos != NEVER) {
            lastMoved = System.nanoTime();
        }
    }

    /** Bytes begin to wait. */
    void blocked() {
        if (writeNanos != NEVER) {
            lastTaken = System.nanoTime();
            schedule(writeNanos);
        }
    }

    /** The peer has taken some of the bytes that wait. */
    void taken() {
        moved();
        if (writeNanos != NEVER || closing) {
            lastTaken = System.nanoTime();
        }
    }

    /** The connection is to be gone in some time. */
    void closing() {
        closing = true;
        closedSince = System.nanoTime();
        lastTaken = closedSince;
        schedule(Math.min(closeNanos, closeLimitNanos));
    }

    void cancel() {
        if (timer != null) {
            timer.cancel();
        }
    }

    /** Sees to it that the timer comes no later than that. */
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
            // The end of the loop is the end of the connection.
        }
    }

    private void look() {
        if (left() <= 0) {
            // The loop may have been held up, not the peer: what has come meanwhile counts.
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
                    ": the peer had not taken all of the pending bytes in "
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

    /** Until the next of the timeouts, in nanoseconds. */
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
