package io.uloop.fiber;

import io.uloop.Uloop;
import io.uloop.fiber.LoopCarrier.Mount;
import io.uloop.internal.LoopAccess;
import io.uloop.observe.LimitedLog;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Frees a loop whose thread waits, in a callback, for a lock that one of its fibers gets first. The
 * fiber is able to continue, but only on that thread. This happens if a third thread has held the
 * lock, even if everybody holds it for a moment only: loggers have such locks.
 *
 * <p>The fiber then continues on another thread until it uses the loop. For this time it runs
 * beside the callback, so a warning says what to change. Only fibers that were waiting for a lock
 * are watched, so others cost nothing. Thread-safe.
 */
final class LockWatch {
    private static final long PERIOD_MILLIS = 20;

    /** The thread of the JDK that lets virtual threads continue when a monitor is free. */
    private static final String UNBLOCKER = "VirtualThread-unblocker";

    /** Stands for any monitor, because nothing tells for which one a virtual thread waits. */
    private static final Object MONITOR = new Object();

    private static final LimitedLog LOG =
            new LimitedLog(
                    System.getLogger("io.uloop.fiber"), System.Logger.Level.WARNING, 3, true);

    /** Its thread, like those of the guests, exists only while it is needed. */
    private static final ScheduledThreadPoolExecutor CHECKS =
            new ScheduledThreadPoolExecutor(1, task -> daemon(task, "uloop-lock-watch"));

    private static final Executor GUESTS =
            new ThreadPoolExecutor(
                    0,
                    Integer.MAX_VALUE,
                    1,
                    TimeUnit.SECONDS,
                    new SynchronousQueue<>(),
                    task -> daemon(task, "uloop-guest-fiber"));

    static {
        CHECKS.setKeepAliveTime(1, TimeUnit.SECONDS);
        CHECKS.allowCoreThreadTimeOut(true);
    }

    private final LoopAccess inside;
    private final Queue<Mount> watched = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final AtomicBoolean hasGuest = new AtomicBoolean();

    /** The fiber for which the loop's thread has waited at the last check. Used by checks only. */
    private @Nullable Mount suspect;

    private int suspectContinuations;

    LockWatch(Uloop loop) {
        inside = LoopAccess.of(loop);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(null, task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Returns whether this thread lets a virtual thread continue that waits for a monitor. */
    static boolean isUnblocker() {
        return Thread.currentThread().getName().equals(UNBLOCKER);
    }

    /** Returns the lock of the package java.util.concurrent for which a thread waits, or null. */
    static @Nullable Object lock(Thread thread) {
        return LockSupport.getBlocker(thread) instanceof AbstractOwnableSynchronizer lock
                ? lock
                : null;
    }

    /** Watches a fiber that can continue and then tries again to get a lock. */
    void add(Mount mount) {
        if (mount.watch()) {
            watched.add(mount);
        }
        schedule();
    }

    private void schedule() {
        if (scheduled.compareAndSet(false, true)) {
            var unused = CHECKS.schedule(this::check, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void check() {
        Thread runner = inside.observer().view().runner();
        Mount found = runner == null ? null : find(awaited(runner));
        if (runner != null && found != null) {
            if (found == suspect && found.continuations() == suspectContinuations) {
                invite(found, runner);
            }
            suspectContinuations = found.continuations();
        }
        suspect = found;
        scheduled.set(false);
        if (runner != null && !watched.isEmpty()) { // a loop that does not run waits for nothing
            schedule();
        }
    }

    /** Returns the lock for which the loop's thread waits, or null. */
    private static @Nullable Object awaited(Thread runner) {
        return switch (runner.getState()) {
            case BLOCKED -> MONITOR;
            case WAITING, TIMED_WAITING -> lock(runner);
            default -> null;
        };
    }

    /** Returns a fiber that gets a lock first. Forgets those that have continued. */
    private @Nullable Mount find(@Nullable Object lock) {
        Mount found = null;
        for (Iterator<Mount> each = watched.iterator(); each.hasNext(); ) {
            Mount mount = each.next();
            if (!mount.isReady()) {
                each.remove();
                mount.unwatch();
                if (mount.isReady()) { // again, since the check
                    add(mount);
                }
            } else if (found == null && lock != null && isAwaiting(mount, lock)) {
                found = mount;
            }
        }
        return found;
    }

    private static boolean isAwaiting(Mount mount, Object lock) {
        return lock == MONITOR ? mount.isAwaitingMonitor() : lock(mount.thread()) == lock;
    }

    private void invite(Mount mount, Thread runner) {
        if (!hasGuest.compareAndSet(false, true)) {
            return;
        }
        Throwable place = new Throwable("thread " + runner.getName() + " waits here");
        place.setStackTrace(runner.getStackTrace());
        if (!mount.take()) {
            hasGuest.set(false);
            return;
        }
        try {
            GUESTS.execute(() -> runGuest(mount));
        } catch (OutOfMemoryError e) { // no thread can be created; a later check tries again
            hasGuest.set(false);
            mount.giveBack();
            return;
        }
        LOG.log(
                () ->
                        inside.observer().view().name()
                                + ": thread "
                                + runner.getName()
                                + " waits for a lock that fiber "
                                + mount.thread().getName()
                                + " gets first, so the fiber continues on another thread until it"
                                + " uses the loop, beside the callback that waits; share no lock"
                                + " between callbacks, fibers and other threads, or run the fibers"
                                + " with -Duloop.fibers=jdk",
                place);
    }

    private void runGuest(Mount mount) {
        inside.setGuest(mount.thread());
        try {
            mount.resume();
        } finally {
            inside.setGuest(null);
            hasGuest.set(false);
        }
    }
}
