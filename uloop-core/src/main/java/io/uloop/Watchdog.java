package io.uloop;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that looks after the calls of all loops that ask for it; it starts with the first
 * of them and ends with the last.
 */
final class Watchdog {
    private static final Object LOCK = new Object();
    private static final List<CallWatch> WATCHED = new CopyOnWriteArrayList<>();

    /** Guarded by the lock, as are changes of the list. */
    private static @Nullable Thread thread;

    private Watchdog() {}

    /** Watches a loop until the result is closed. Any thread. */
    static Registration watch(CallWatch calls) {
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

    private static void release(CallWatch calls) {
        synchronized (LOCK) {
            WATCHED.remove(calls);
            LOCK.notifyAll();
        }
    }

    private static void run() {
        while (pause()) {
            for (CallWatch calls : WATCHED) {
                try {
                    calls.sample();
                } catch (RuntimeException | Error e) { // the other loops are watched on
                    Thread self = Thread.currentThread();
                    self.getUncaughtExceptionHandler().uncaughtException(self, e);
                }
            }
        }
    }

    /**
     * Waits until it is time to look again; false, and the end, if there is nobody to look after.
     */
    @SuppressWarnings("WaitNotInLoop") // a look too early does no harm
    private static boolean pause() {
        synchronized (LOCK) {
            try {
                if (!WATCHED.isEmpty()) {
                    LOCK.wait(intervalMillis());
                }
            } catch (InterruptedException e) {
                // Nobody has a reason to; it looks early.
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
        for (CallWatch calls : WATCHED) {
            shortest = Math.min(shortest, calls.intervalMillis());
        }
        return shortest;
    }
}
