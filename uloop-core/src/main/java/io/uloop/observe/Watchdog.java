package io.uloop.observe;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Samples the callbacks of all loops with a slow-handler threshold. Its thread starts with the
 * first such loop and ends after the last.
 */
final class Watchdog {
    private static final Object LOCK = new Object();

    /** Weak, because a call refers to its loop, which the program may forget. */
    private static final List<WeakReference<CurrentCall>> WATCHED = new CopyOnWriteArrayList<>();

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
        WeakReference<CurrentCall> watched = new WeakReference<>(calls);
        synchronized (LOCK) {
            if (thread == null) {
                Thread watcher = new Thread(Watchdog::run, "uloop-watchdog");
                watcher.setDaemon(true);
                watcher.start();
                thread = watcher;
            }
            WATCHED.add(watched);
            LOCK.notifyAll();
        }
        return () -> release(watched);
    }

    private static void release(WeakReference<CurrentCall> watched) {
        synchronized (LOCK) {
            WATCHED.remove(watched);
            LOCK.notifyAll();
        }
    }

    private static void run() {
        while (pause()) {
            for (WeakReference<CurrentCall> watched : WATCHED) {
                try {
                    sample(watched.get());
                } catch (RuntimeException | Error e) { // the other loops must still be sampled
                    Thread self = Thread.currentThread();
                    self.getUncaughtExceptionHandler().uncaughtException(self, e);
                }
            }
        }
    }

    private static void sample(@Nullable CurrentCall calls) {
        if (calls != null) {
            calls.sample();
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
        for (WeakReference<CurrentCall> watched : WATCHED) {
            CurrentCall calls = watched.get();
            if (calls != null) {
                shortest = Math.min(shortest, calls.intervalMillis());
            }
        }
        return shortest;
    }
}
