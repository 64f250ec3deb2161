package io.uloop.poller.spi;

import java.util.concurrent.locks.LockSupport;

/**
 * Waits for what another thread is about to finish. Thread-safe.
 *
 * <p>A plain busy wait may last forever in virtual threads: if they occupy all carrier threads, the
 * virtual thread for which they wait cannot continue once it has been blocked. After a short time
 * this therefore gives the processor, or the carrier thread, to others.
 *
 * @since 0.1
 */
public final class SpinWait {
    private static final int SPINS = 64;
    private static final int YIELDS = 64;
    private static final long PAUSE_NANOS = 50_000;

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
        Thread.yield();
        if (round >= SPINS + YIELDS) {
            LockSupport.parkNanos(PAUSE_NANOS); // returns at once if the thread is interrupted
        }
    }
}
