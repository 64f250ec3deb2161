package io.uloop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One loop of a group and its thread. */
final class GroupLoop {
    /** How often a wait for the thread looks whether the thread can still end. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final UloopGroup group;
    private final int index;
    private final Uloop loop;
    private final LoopFailureHandler failureHandler;
    private final Thread thread;
    private final CountDownLatch started = new CountDownLatch(1);
    private final List<Runnable> shutdownTasks = new ArrayList<>(); // guards shuttingDown too
    private final List<Runnable> endTasks = new ArrayList<>(); // guards ended too
    private boolean shuttingDown;
    private boolean ended;
    private boolean untilIdle; // the thread's own
    private volatile boolean finishing;
    private volatile Future<?> announced = CompletableFuture.completedFuture(null);
    private volatile @Nullable Throwable failure;

    GroupLoop(
            UloopGroup group,
            int index,
            String name,
            Uloop loop,
            LoopFailureHandler failureHandler) {
        this.group = group;
        this.index = index;
        this.loop = loop;
        this.failureHandler = failureHandler;
        thread = new Thread(this::run, name);
        thread.setDaemon(false);
    }

    /** Returns once the loop runs, or has failed to. */
    void start() {
        try {
            loop.execute(started::countDown);
        } catch (RejectedExecutionException e) {
            // Closed by what became of another loop: its thread counts down as it ends.
        }
        thread.start();
        boolean interrupted = false;
        while (true) {
            try {
                started.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true; // it takes no time: for whoever waits next
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    Uloop uloop() {
        return loop;
    }

    @Nullable Throwable failure() {
        return failure;
    }

    boolean isCurrentThread() {
        return thread == Thread.currentThread();
    }

    void atShutdown(Runnable task) {
        Objects.requireNonNull(task, "task");
        synchronized (shutdownTasks) {
            if (shuttingDown) {
                throw new IllegalStateException(thread.getName() + " is being shut down");
            }
            shutdownTasks.add(task);
        }
    }

    void atEnd(Runnable task) {
        synchronized (endTasks) {
            Objects.requireNonNull(task, "task");
            if (ended) {
                throw new IllegalStateException(thread.getName() + " has ended");
            }
            endTasks.add(task);
        }
    }

    /** Has the tasks for this moment called, for {@link #awaitAnnounced} to wait for. */
    void announceShutdown() {
        try {
            synchronized (shutdownTasks) {
                shuttingDown = true;
                shutdownTasks.forEach(loop::execute);
                shutdownTasks.clear();
            }
            loop.execute(loop::shutdownBegins);
            announced = loop.submit(() -> true);
        } catch (RejectedExecutionException e) {
            // It has ended, which is what is wanted.
        }
    }

    /** False if some of the tasks have not been called in time. */
    boolean awaitAnnounced(long deadlineNanos) throws InterruptedException {
        do {
            try {
                announced.get(lookNanos(deadlineNanos), TimeUnit.NANOSECONDS);
                return true;
            } catch (ExecutionException e) {
                return true; // the loop has ended before it came to that
            } catch (TimeoutException e) {
                // Look again.
            }
        } while (deadlineNanos - System.nanoTime() > 0 && !isExiting());
        return false;
    }

    /** Has the loop run no longer than until it is idle. */
    void finish() {
        finishing = true;
        try {
            loop.execute(this::stopRun);
        } catch (RejectedExecutionException e) {
            // It has ended, which is what is wanted.
        }
    }

    /** Ends the run without end; the one until idle is not to be cut short. */
    private void stopRun() {
        if (!untilIdle) {
            loop.stop();
        }
    }

    void force() {
        loop.close();
        thread.interrupt();
    }

    /** False if the thread has not ended in time. */
    boolean awaitEnd(long deadlineNanos) throws InterruptedException {
        do {
            TimeUnit.NANOSECONDS.timedJoin(thread, lookNanos(deadlineNanos));
        } while (thread.isAlive() && deadlineNanos - System.nanoTime() > 0 && !isExiting());
        return !thread.isAlive();
    }

    /** Waits until the thread has ended, or cannot end any more. */
    void awaitEnd() throws InterruptedException {
        do {
            TimeUnit.NANOSECONDS.timedJoin(thread, LOOK_NANOS);
        } while (thread.isAlive() && !isExiting());
    }

    private static long lookNanos(long deadlineNanos) {
        return Math.min(LOOK_NANOS, deadlineNanos - System.nanoTime());
    }

    /**
     * Tells whether the thread is inside {@link System#exit}, which waits for the shutdown hooks
     * and never returns. A hook that waited for the thread would keep the JVM from ending.
     */
    private boolean isExiting() {
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getClassName().equals("java.lang.Shutdown")) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return loop.toString();
    }

    private void run() {
        try {
            while (!finishing && loop.isOpen()) {
                loop.run();
            }
            untilIdle = true;
            while (loop.isOpen() && !loop.isIdle()) {
                loop.runUntilIdle();
            }
        } catch (IllegalStateException e) {
            if (loop.isOpen()) { // else closed just before a run
                fail(e);
            }
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
        }
        started.countDown();
        loop.close();
        end();
    }

    private void end() {
        List<Runnable> tasks;
        synchronized (endTasks) {
            ended = true;
            tasks = List.copyOf(endTasks);
        }
        for (Runnable task : tasks) {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                fail(e);
            }
        }
    }

    private void fail(Throwable e) {
        if (failure == null) {
            failure = e;
        }
        loop.close();
        try {
            Log.error(
                    "loop "
                            + index
                            + " of "
                            + group
                            + " has failed and is closed, with its connections and listeners; "
                            + group.remaining(),
                    e);
            failureHandler.onFailure(group, index, e);
        } catch (RuntimeException | Error f) {
            Log.error("the failure handler of " + group + " failed", f);
        }
    }
}
