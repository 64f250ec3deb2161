package io.uloop.poller.spi;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a poller running while the kernel is short of memory or descriptors. Logs the failure at
 * most once a second and pauses before each retry.
 *
 * <p>{@link #endPause} is thread-safe. The other methods must be called from the polling thread.
 */
final class Shortage {
    /** The time between two attempts. */
    static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /**
     * The errnos of shortages that other processes may end. poll(2), kevent(2) and select(2)
     * allocate memory for each wait. Rebuilding an epoll set needs a descriptor and watches.
     */
    private static final Set<Errno> TRANSIENT =
            Set.of(
                    Errno.ENOMEM,
                    Errno.EAGAIN,
                    Errno.ENOBUFS,
                    Errno.EMFILE,
                    Errno.ENFILE,
                    Errno.ENOSPC);

    private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final System.Logger LOGGER = System.getLogger("io.uloop.poller");

    private final BooleanSupplier noticed;
    private volatile @Nullable Thread sleeper;
    private long unlogged;
    private boolean logged;
    private long loggedAt;

    /**
     * @param noticed returns whether a wakeup or close is pending
     */
    Shortage(BooleanSupplier noticed) {
        this.noticed = noticed;
    }

    /**
     * Logs a failure that may be temporary.
     *
     * @return false for any other failure, which the caller must throw
     */
    boolean tolerates(PollerException failure) {
        if (!TRANSIENT.contains(failure.errno())) {
            return false;
        }
        unlogged++;
        long now = System.nanoTime();
        if (!logged || now - loggedAt >= LOG_NANOS) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    failure.getMessage()
                            + "; retrying every "
                            + TimeUnit.NANOSECONDS.toMillis(PAUSE_NANOS)
                            + " ms ("
                            + unlogged
                            + (unlogged == 1 ? " failure" : " failures")
                            + " since the last message)");
            logged = true;
            loggedAt = now;
            unlogged = 0;
        }
        return true;
    }

    /**
     * Sleeps until the next attempt is due, the timeout has passed, or a wakeup or close is
     * pending.
     *
     * @param timeoutNanos how long the caller may wait; a negative value means indefinitely
     */
    void pause(long timeoutNanos) {
        long pauseNanos = timeoutNanos < 0 ? PAUSE_NANOS : Math.min(timeoutNanos, PAUSE_NANOS);
        long start = System.nanoTime();
        // An interrupted thread cannot park. A new interrupt wakes the poller through its hook.
        boolean interrupted = Thread.interrupted();
        sleeper = Thread.currentThread();
        try {
            long leftNanos = pauseNanos;
            while (leftNanos > 0 && !noticed.getAsBoolean()) {
                LockSupport.parkNanos(this, leftNanos);
                interrupted |= Thread.interrupted();
                leftNanos = pauseNanos - (System.nanoTime() - start);
            }
        } finally {
            sleeper = null;
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends the pause in progress, if any, so that it checks for a pending wakeup or close. */
    void endPause() {
        Thread thread = sleeper;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }
}
