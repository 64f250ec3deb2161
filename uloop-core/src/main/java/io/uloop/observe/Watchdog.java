package io.uloop.observe;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Samples the callbacks of all loops with a slow-handler threshold. Its thread starts with the
 * first such loop and ends after the last.
 */
final class Watchdog {
    private static final Object LOCK = new Object();
    private static final List<CurrentCall> WATCHED = new CopyOnWriteArrayList<>();

    /** Guarded by the lock, as are changes to the list. */
    private static @Nullable Thread thread;

    private Watchdog() {}

    /**
     * Starts to sample the calls of a loop. Thread-safe.
     *
     * @param calls the calls of a loop
     * @return ends the sampling
     */
    static Runnable start(CurrentCall calls) {
        synchronized (LOCK) {
            if (thread == null) {
                Thread watcher = new Thread(Watchdog::run, "uloop-watchdog");
                watcher.setDaemon(true);
                watcher.start();
                thread = watcher;
            }
            WATCHED.add(calls);
            LOCK.notifyAll();
        }
        return () -> release(calls);
    }

    private static void release(CurrentCall calls) {
        synchronized (LOCK) {
            WATCHED.remove(calls);
            LOCK.notifyAll();
        }
    }

    private static void run() {
        while (pause()) {
            for (CurrentCall calls : WATCHED) {
                try {
                    calls.sample();
                } catch (RuntimeException | Error e) { // the other loops must still be sampled
                    Thread self = Thread.currentThread();
                    self.getUncaughtExceptionHandler().uncaughtException(self, e);
                }
            }
        }
    }

    /**
     * Waits until the next sample is due. Returns false, which ends the thread, if no loop is left.
     */
    @SuppressWarnings("WaitNotInLoop") // an early sample does no harm
    private static boolean pause() {
        synchronized (LOCK) {
            try {
                if (!WATCHED.isEmpty()) {
                    LOCK.wait(intervalMillis());
                }
            } catch (InterruptedException e) {
                // Nobody interrupts this thread. If so, it samples early.
            }
            if (WATCHED.isEmpty()) {
                thread = null;
                return false;
            }
            return true;
        }
    }

    private static long intervalMillis() {
        long shortest = Long.MAX_VALUE;
        for (CurrentCall calls : WATCHED) {
            shortest = Math.min(shortest, calls.intervalMillis());
        }
        return shortest;
    }
}
