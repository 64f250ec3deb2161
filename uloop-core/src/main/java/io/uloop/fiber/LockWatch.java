package io.uloop.fiber;

import io.uloop.Uloop;
import io.uloop.fiber.LoopCarrier.Mount;
import io.uloop.internal.LoopAccess;
import io.uloop.internal.Resumable;
import io.uloop.observe.LimitedLog;
import java.lang.ref.WeakReference;
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
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;

/**
 * Frees a loop whose thread waits, in a callback, for a lock that one of its fibers gets first. The
 * fiber is able to continue, but only on that thread. This happens if a third thread has held the
 * lock, even if everybody holds it for a moment only: loggers have such locks.
 *
 * <p>The fiber then continues on another thread until it uses the loop. For this time it runs
 * beside the callback, so a warning says what to change. Only fibers that were waiting for a lock
 * are watched, so others cost nothing. Which lock it is does not matter: a fiber may hold one and
 * wait for another. Thread-safe.
 */
final class LockWatch {
    private static final long PERIOD_MILLIS = 20;

    /** The period while nobody runs the loop, which then waits for nothing. */
    private static final long LONG_PERIOD_MILLIS = 1_000;

    /** The thread of the JDK that lets virtual threads continue when a monitor is free. */
    private static final String UNBLOCKER = "VirtualThread-unblocker";

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

    private final Uloop loop;
    private final LoopAccess inside;
    private final Queue<Mount> watched = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final AtomicBoolean hasGuest = new AtomicBoolean();

    /** The first fiber in the queue while the loop's thread waited. Used by checks only. */
    private @Nullable Mount suspect;

    private int suspectContinuations;

    LockWatch(Uloop loop) {
        this.loop = loop;
        inside = LoopAccess.of(loop);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setDaemon(true);
        return thread;
    }

    /** Returns whether this thread lets a virtual thread continue that waits for a monitor. */
    static boolean isUnblocker() {
        return Thread.currentThread().getName().equals(UNBLOCKER);
    }

    /** Returns whether a thread waits in one of the JDK's locks, conditions, latches and so on. */
    static boolean isInLock(Thread thread) {
        Object blocker = LockSupport.getBlocker(thread);
        return blocker instanceof AbstractOwnableSynchronizer
                || blocker instanceof Condition
                || blocker instanceof StampedLock;
    }

    /** Watches a fiber that can continue and then tries again to get a lock. */
    void add(Mount mount) {
        if (mount.watch()) {
            watched.add(mount);
        }
        schedule(PERIOD_MILLIS);
    }

    private void schedule(long millis) {
        if (!scheduled.compareAndSet(false, true)) {
            return;
        }
        WeakReference<LockWatch> self = new WeakReference<>(this); // keeps no loop reachable
        try {
            var unused = CHECKS.schedule(() -> check(self), millis, TimeUnit.MILLISECONDS);
        } catch (OutOfMemoryError e) { // no thread can be created; the next fiber tries again
            scheduled.set(false);
        }
    }

    private static void check(WeakReference<LockWatch> watch) {
        LockWatch self = watch.get();
        if (self != null) {
            self.check();
        }
    }

    private void check() {
        Thread runner = inside.observer().view().runner();
        try {
            Mount found = firstReady();
            if (runner == null || !isWaiting(runner)) {
                found = null;
            } else if (found != null
                    && found == suspect
                    && found.continuations() == suspectContinuations) {
                invite(found, runner);
            }
            suspect = found;
            suspectContinuations = found == null ? 0 : found.continuations();
        } finally {
            scheduled.set(false);
            if (!watched.isEmpty() && loop.isOpen()) {
                schedule(runner == null ? LONG_PERIOD_MILLIS : PERIOD_MILLIS);
            }
        }
    }

    /** Returns whether the loop's thread waits for a lock, in a callback or in a pinned fiber. */
    private boolean isWaiting(Thread runner) {
        Resumable fiber = inside.resumed(); // an estimate here, which a wait makes a good one
        return switch (runner.getState()) {
            case BLOCKED -> true;
            case WAITING, TIMED_WAITING -> isInLock(fiber == null ? runner : fiber.thread());
            default -> false;
        };
    }

    /** Returns the first fiber that can continue, or null. Forgets those that have continued. */
    private @Nullable Mount firstReady() {
        Mount found = null;
        for (Iterator<Mount> each = watched.iterator(); each.hasNext(); ) {
            Mount mount = each.next();
            if (mount.isReady()) {
                found = found == null ? mount : found;
                continue;
            }
            each.remove();
            mount.unwatch();
            if (mount.isReady() && mount.watch()) { // again, since the check
                watched.add(mount);
            }
        }
        return found;
    }

    private void invite(Mount mount, Thread runner) {
        Throwable place = new Throwable("thread " + runner.getName() + " waits here");
        place.setStackTrace(runner.getStackTrace());
        if (!hasGuest.compareAndSet(false, true)) {
            return;
        }
        if (!runInThread(() -> runGuest(mount))) {
            hasGuest.set(false); // a later check tries again
            return;
        }
        // Not on this thread, because the log may have the very lock.
        boolean unused = runInThread(() -> warn(mount, runner, place));
    }

    /** Returns false if no thread can be created. */
    private static boolean runInThread(Runnable task) {
        try {
            GUESTS.execute(task);
            return true;
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    private void runGuest(Mount mount) {
        inside.setGuest(mount.thread());
        try {
            mount.continueElsewhere();
        } finally {
            inside.setGuest(null);
            hasGuest.set(false);
        }
    }

    private void warn(Mount mount, Thread runner, Throwable place) {
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
}
