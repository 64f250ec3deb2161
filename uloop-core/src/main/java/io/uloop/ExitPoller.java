package io.uloop;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that looks for ends of processes where no descriptor tells of them. It starts with
 * the first process and ends with the last. The JDK's {@code onExit} is no alternative: its result
 * comes by the common pool, which may be busy with what waits for that very process.
 *
 * <p>The older a process, the longer the pause until the next look: an end is noticed within an
 * eighth of the process's age here, within 100 ms at the latest. To ask for a child costs no system
 * call. Thread-safe.
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

    /** One process that somebody waits for. */
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
     * Looks until a process has ended, or the result is closed.
     *
     * @param alive asks whether it has not
     * @param ended called once on the poller's thread; must return soon
     */
    static Registration follow(BooleanSupplier alive, Runnable ended) {
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
                } catch (RuntimeException | Error e) { // the other processes are followed on
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

    /** Waits until it is time to look; false, and the end, if there is nothing to look at. */
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
                    // Nobody has a reason to; it looks early.
                }
            }
            thread = null;
            return false;
        }
    }
}
