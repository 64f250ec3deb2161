package io.uloop;

import io.uloop.poller.Poller;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Takes the tasks that any thread passes to one loop. Thread-safe. */
final class Inbox {
    private final LoopState state;
    private final LoopOwner owner;
    private final Tasks tasks;
    private final Poller poller;
    private final Runnable windUp;

    Inbox(LoopState state, LoopOwner owner, Tasks tasks, Poller poller, Runnable windUp) {
        this.state = state;
        this.owner = owner;
        this.tasks = tasks;
        this.poller = poller;
        this.windUp = windUp;
    }

    /** Implements {@link Uloop#execute}. */
    void execute(Runnable task) {
        Objects.requireNonNull(task, "task");
        requireOpen();
        tasks.offer(task);
        wakeup();
        windUp.run(); // a concurrent close may have missed the task
    }

    /** Implements {@link LoopInside#offer}. */
    boolean offer(Runnable task) {
        if (!state.isOpen()) {
            return false;
        }
        tasks.offer(task);
        wakeup();
        return state.isOpen();
    }

    /** Implements {@link Uloop#post}. */
    void post(LoopTask task) {
        Objects.requireNonNull(task, "task");
        requireOpen();
        tasks.offer(task);
        wakeup();
        windUp.run();
    }

    /** Implements {@link Uloop#submit}. */
    <T> CompletableFuture<T> submit(Callable<? extends T> work) {
        LoopFuture<T> result = new LoopFuture<>(owner);
        post(new Awaited.Work<>(result, Objects.requireNonNull(work, "work")));
        return result;
    }

    /** Implements {@link Uloop#callIn}. */
    <T> CompletableFuture<T> callIn(Executor executor, Callable<? extends T> work) {
        Objects.requireNonNull(work, "work");
        requireOpen();
        LoopFuture<T> result = new LoopFuture<>(owner);
        state.awaited(1);
        var unused = result.whenComplete((value, error) -> notAwaited());
        try {
            executor.execute(() -> workFor(result, work));
        } catch (RuntimeException | Error e) { // an Error if no thread can be created
            result.completeExceptionally(e);
            throw e;
        }
        return result;
    }

    /** Runs on a thread of the executor. */
    private <T> void workFor(LoopFuture<T> result, Callable<? extends T> work) {
        if (result.isDone()) {
            return; // cancelled
        }
        Awaited<T> delivery = Awaited.delivery(result, work);
        try {
            post(delivery);
        } catch (RejectedExecutionException e) {
            delivery.refuse(e);
        }
    }

    /** Runs on whichever thread completes the future. The loop may now be idle. */
    private void notAwaited() {
        state.awaited(-1);
        wakeup();
    }

    /**
     * Wakes the poller unless called on the loop's thread, which checks tasks and stops before it
     * waits.
     */
    void wakeup() {
        if (!owner.isCurrent()) {
            poller.wakeup();
        }
    }

    private void requireOpen() {
        if (!state.isOpen()) {
            throw state.rejection();
        }
    }
}
