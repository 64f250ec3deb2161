package io.uloop.poller.spi;

import io.uloop.poller.PollerException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a poller going while the kernel is short of memory or descriptors: logs the failure, at
 * most once a second, and pauses before the next try. {@link #endPause} may be called by any
 * thread; the other methods belong to the polling thread.
 */
final class Shortage {
    /** How long a poller waits between two tries. */
    static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /**
     * What kernels answer when they lack something that others may give back: poll(2), kevent(2)
     * and select(2) allocate for each wait; a rebuilt epoll set needs a descriptor and watches.
     */
    private static final Set<String> TRANSIENT =
            Set.of("ENOMEM", "EAGAIN", "ENOBUFS", "EMFILE", "ENFILE", "ENOSPC");

    private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final System.Logger LOGGER = System.getLogger("io.uloop.poller");

    private final BooleanSupplier noticed;
    private volatile @Nullable Thread sleeper;
    private long unlogged;
    private boolean logged;
    private long loggedAt;

    /**
     * Creates one for a poller.
     *
     * @param noticed whether a wakeup or close is pending
     */
    Shortage(BooleanSupplier noticed) {
        this.noticed = noticed;
    }

    /**
     * Logs a failure that may go away by itself.
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
                            + "; trying again every "
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
     * Sleeps until the next try is due, the timeout has passed, or a wakeup or close is pending.
     *
     * @param timeoutNanos how long the caller may wait; negative means for ever
     */
    void pause(long timeoutNanos) {
        long pauseNanos = timeoutNanos < 0 ? PAUSE_NANOS : Math.min(timeoutNanos, PAUSE_NANOS);
        long start = System.nanoTime();
        // An interrupted thread does not park. A new interrupt wakes the poller by its hook.
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

    /** Ends the pause that is under way, if there is one, to look for what is pending. */
    void endPause() {
        Thread thread = sleeper;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }
}
