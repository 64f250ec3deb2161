package io.uloop.group;

import io.uloop.LoopTask;
import io.uloop.Uloop;
import io.uloop.internal.LoopAccess;
import io.uloop.observe.Log;
import io.uloop.poller.NativeDescriptors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
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

/** One loop of a group with its thread. */
final class GroupLoop {
    /** How often a wait for the thread checks whether the thread can still end. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final UloopGroup group;
    private final int index;
    private final Uloop loop;
    private final UloopGroupBuilder settings;
    private final Thread thread;
    private final CountDownLatch started = new CountDownLatch(1);
    private final List<LoopTask> shutdownTasks = new ArrayList<>(); // also guards shuttingDown
    private final List<LoopTask> endTasks = new ArrayList<>(); // also guards ended
    private boolean shuttingDown;
    private boolean ended;
    private boolean untilIdle; // used by the thread only
    private volatile boolean finishing;
    private volatile Future<?> announced = CompletableFuture.completedFuture(null);
    private volatile @Nullable IOException bindingFailure;
    private volatile @Nullable Throwable failure;

    GroupLoop(UloopGroup group, int index, String name, Uloop loop, UloopGroupBuilder settings) {
        this.group = group;
        this.index = index;
        this.loop = loop;
        this.settings = settings;
        thread = settings.thread(name, this::run);
    }

    /**
     * Starts the thread and waits until the loop runs or has failed.
     *
     * <p>Closes the loop on failure, for which {@link #failure} then returns the exception.
     *
     * @throws IOException if the thread cannot be bound to its processor
     */
    void start() throws IOException {
        try {
            loop.execute(started::countDown);
        } catch (RejectedExecutionException e) {
            // Closed because another loop failed. Its thread counts down when it ends.
        }
        try {
            thread.start();
        } catch (RuntimeException | Error e) { // no task of this loop would ever run
            endUnstarted(e);
            throw e;
        }
        boolean interrupted = false;
        while (true) {
            try {
                started.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true; // the start is quick, so restore the interrupt afterwards
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        IOException binding = bindingFailure;
        if (binding != null) {
            endUnstarted(binding);
            throw binding;
        }
    }

    private void endUnstarted(Throwable reason) {
        failure = reason;
        loop.close();
    }

    /** Returns whether the loop is open or its thread has not ended, which may replace the loop. */
    boolean isActive() {
        return loop.isOpen() || thread.isAlive();
    }

    int index() {
        return index;
    }

    Uloop uloop() {
        return loop;
    }

    @Nullable Throwable failure() {
        return failure;
    }

    /** Returns whether this is the thread, or a fiber that it executes. */
    boolean isCurrentThread() {
        return thread == Thread.currentThread() || loop.inLoop();
    }

    void atShutdown(LoopTask task) {
        Objects.requireNonNull(task, "task");
        synchronized (shutdownTasks) {
            if (shuttingDown) {
                throw new IllegalStateException(
                        "cannot add a shutdown task: " + thread.getName() + " is shutting down");
            }
            shutdownTasks.add(task);
        }
    }

    void atEnd(LoopTask task) {
        synchronized (endTasks) {
            Objects.requireNonNull(task, "task");
            if (ended) {
                throw new IllegalStateException(
                        "cannot add an end task: " + thread.getName() + " has ended");
            }
            endTasks.add(task);
        }
    }

    /** Queues the shutdown tasks, for which {@link #awaitAnnounced} waits. */
    void announceShutdown() {
        try {
            group.listenerEnds(index).forEach(loop::post);
            synchronized (shutdownTasks) {
                shuttingDown = true;
                shutdownTasks.forEach(loop::post);
                shutdownTasks.clear();
            }
            loop.execute(LoopAccess.of(loop)::beginShutdown);
            announced = loop.submit(() -> true);
        } catch (RejectedExecutionException e) {
            // The loop has already ended.
        }
    }

    /** Waits for the shutdown tasks. Returns false if some were not called in time. */
    boolean awaitAnnounced(long deadlineNanos) throws InterruptedException {
        do {
            try {
                announced.get(lookNanos(deadlineNanos), TimeUnit.NANOSECONDS);
                return true;
            } catch (ExecutionException e) {
                return true; // the loop ended first
            } catch (TimeoutException e) {
                // Check again.
            }
        } while (deadlineNanos - System.nanoTime() > 0 && !isExiting());
        return false;
    }

    /** Lets the loop end as soon as it is idle. */
    void finish() {
        finishing = true;
        try {
            loop.execute(this::stopRun);
        } catch (RejectedExecutionException e) {
            // The loop has already ended.
        }
    }

    /** Stops the unlimited run, but not the run until idle. */
    private void stopRun() {
        if (!untilIdle) {
            loop.stop();
        }
    }

    void force() {
        loop.close();
        thread.interrupt();
    }

    /** Waits for the thread. Returns false if it has not ended in time. */
    boolean awaitEnd(long deadlineNanos) throws InterruptedException {
        do {
            TimeUnit.NANOSECONDS.timedJoin(thread, lookNanos(deadlineNanos));
        } while (thread.isAlive() && deadlineNanos - System.nanoTime() > 0 && !isExiting());
        return !thread.isAlive();
    }

    /** Waits until the thread has ended or can no longer end. */
    void awaitEnd() throws InterruptedException {
        do {
            TimeUnit.NANOSECONDS.timedJoin(thread, LOOK_NANOS);
        } while (thread.isAlive() && !isExiting());
    }

    private static long lookNanos(long deadlineNanos) {
        return Math.min(LOOK_NANOS, deadlineNanos - System.nanoTime());
    }

    /**
     * Checks whether the thread is inside {@link System#exit}, which waits for the shutdown hooks
     * and never returns. A hook that waited for this thread would keep the JVM from exiting.
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
        if (bind()) {
            runLoop();
        }
        Throwable reason = failure; // not that of a start, nor of an end task
        started.countDown();
        loop.close();
        end();
        if (reason != null) {
            group.replace(this);
        }
    }

    /** Binds the thread to its processor. */
    private boolean bind() {
        int[] processors = settings.processors;
        if (processors.length == 0) {
            return true;
        }
        BitSet own = new BitSet();
        own.set(processors[index % processors.length]);
        try {
            NativeDescriptors.of(loop.provider()).processes().setAffinity(own);
            return true;
        } catch (IOException e) {
            bindingFailure = e;
            return false;
        }
    }

    private void runLoop() {
        try {
            settings.startHandler.onStart(index, loop);
            while (!finishing && loop.isOpen()) {
                loop.run();
            }
            untilIdle = true;
            while (loop.isOpen() && !LoopAccess.of(loop).isIdle()) {
                loop.runUntilIdle();
            }
        } catch (IllegalStateException e) {
            if (loop.isOpen()) { // otherwise closed just before a run
                fail(e);
            }
        } catch (Exception | Error e) {
            fail(e);
        }
    }

    private void end() {
        List<LoopTask> tasks = new ArrayList<>(group.listenerEnds(index));
        tasks.add(() -> group.closeUnderway(loop));
        synchronized (endTasks) {
            ended = true;
            tasks.addAll(endTasks);
        }
        for (LoopTask task : tasks) {
            try {
                task.run();
            } catch (Exception | Error e) {
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
                            + " failed and was closed with its connections and listeners; "
                            + group.remaining(),
                    e);
            settings.failureHandler.onFailure(group, index, e);
        } catch (Exception | Error f) {
            Log.error("the failure handler of " + group + " failed", f);
        }
    }
}
