package io.uloop.poller.spi;

import java.util.concurrent.locks.LockSupport;

/**
 * Waits for what another thread is about to finish. Thread-safe.
 *
 * <p>A plain busy wait may last forever in virtual threads: if they occupy all carrier threads, the
 * virtual thread for which they wait cannot continue once it has been blocked. A yield is not
 * enough, because a carrier thread takes virtual threads from one queue until that is empty. After
 * a short time this therefore suspends the thread, longer each time, until all that wait together
 * leave the processors idle most of the time.
 *
 * @since 0.1
 */
public final class SpinWait {
    private static final int SPINS = 64;
    private static final int YIELDS = 64;
    private static final long FIRST_PAUSE_NANOS = 50_000;

    /** The last pause takes 2 to this power times the first, about 50 ms. */
    private static final int DOUBLINGS = 10;

    private SpinWait() {}

    /**
     * Waits a little.
     *
     * @param round how often the caller has called this for the same condition; 0 or more
     */
    @SuppressWarnings("ThreadPriorityCheck") // lets the awaited thread run
    public static void pause(int round) {
        if (round < SPINS) {
            Thread.onSpinWait();
            return;
        }
        if (round < SPINS + YIELDS) {
            Thread.yield();
            return;
        }
        park(FIRST_PAUSE_NANOS << Math.min(round - SPINS - YIELDS, DOUBLINGS));
    }

    /** Parks for a time even if the thread is interrupted, and leaves it so. */
    private static void park(long nanos) {
        boolean interrupted = Thread.interrupted();
        long start = System.nanoTime();
        long left = nanos;
        while (left > 0) { // an earlier interrupt or unpark can end the first call
            LockSupport.parkNanos(left);
            interrupted |= Thread.interrupted();
            left = nanos - (System.nanoTime() - start);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
