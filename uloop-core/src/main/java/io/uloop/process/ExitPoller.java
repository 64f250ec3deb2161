package io.uloop.process;

import io.uloop.Handle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread that polls for process exits on systems without process descriptors. It starts with the
 * first process and ends after the last. The JDK's {@code onExit} is not an alternative, because it
 * completes in the common pool, where all threads may be busy waiting for that very process.
 *
 * <p>The pause between polls grows with the age of the process. An exit is noticed within one
 * eighth of the time since the registration, and within 100 ms at the latest. Polling a child costs
 * no system call. Thread-safe.
 */
final class ExitPoller {
    private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int AGE_SHIFT = 3;

    private static final Object LOCK = new Object();

    // Guarded by the lock.
    private static final List<Entry> ENTRIES = new ArrayList<>();
    private static @Nullable Thread thread;

    private ExitPoller() {}

    /** A process to poll. */
    private static final class Entry {
        final BooleanSupplier alive;
        final Runnable ended;
        final long start = System.nanoTime();
        long next = start;

        Entry(BooleanSupplier alive, Runnable ended) {
            this.alive = alive;
            this.ended = ended;
        }

        void postpone(long now) {
            long pause = (now - start) >> AGE_SHIFT;
            next = now + Math.max(SHORTEST_NANOS, Math.min(LONGEST_NANOS, pause));
        }
    }

    /**
     * Polls a process until it has exited or the result is closed.
     *
     * @param alive returns whether the process is alive
     * @param ended called once on the poller's thread after the exit; must return quickly
     */
    static Handle follow(BooleanSupplier alive, Runnable ended) {
        Entry entry = new Entry(alive, ended);
        synchronized (LOCK) {
            if (thread == null) {
                Thread poller = new Thread(ExitPoller::run, "uloop-exit-poller");
                poller.setDaemon(true);
                poller.start();
                thread = poller;
            }
            ENTRIES.add(entry);
            LOCK.notifyAll();
        }
        return () -> release(entry);
    }

    private static boolean release(Entry entry) {
        synchronized (LOCK) {
            return ENTRIES.remove(entry);
        }
    }

    private static void run() {
        List<Entry> due = new ArrayList<>();
        while (awaitDue(due)) {
            for (Entry entry : due) {
                try {
                    look(entry);
                } catch (RuntimeException | Error e) { // the other processes must still be polled
                    release(entry);
                    Thread self = Thread.currentThread();
                    self.getUncaughtExceptionHandler().uncaughtException(self, e);
                }
            }
            due.clear();
        }
    }

    private static void look(Entry entry) {
        if (entry.alive.getAsBoolean()) {
            entry.postpone(System.nanoTime());
        } else if (release(entry)) {
            entry.ended.run();
        }
    }

    /** Waits until a poll is due. Returns false, which ends the thread, if no process is left. */
    private static boolean awaitDue(List<Entry> due) {
        synchronized (LOCK) {
            while (!ENTRIES.isEmpty()) {
                long now = System.nanoTime();
                long left = LONGEST_NANOS;
                for (Entry entry : ENTRIES) {
                    long untilNext = entry.next - now;
                    if (untilNext <= 0) {
                        due.add(entry);
                    }
                    left = Math.min(left, untilNext);
                }
                if (!due.isEmpty()) {
                    return true;
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(LOCK, left);
                } catch (InterruptedException e) {
                    // Nobody interrupts this thread. If so, it polls early.
                }
            }
            thread = null;
            return false;
        }
    }
}
