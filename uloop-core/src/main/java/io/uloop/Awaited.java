package io.uloop;

import io.uloop.internal.Refusable;
import io.uloop.observe.Callbacks;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** A task that completes a future, which fails if the loop closes first. */
abstract sealed class Awaited<T> implements LoopTask, Refusable {
    final CompletableFuture<T> result;

    Awaited(CompletableFuture<T> result) {
        this.result = result;
    }

    /**
     * Runs work on this thread and returns a task that delivers its result on the loop's thread.
     */
    static <T> Awaited<T> delivery(CompletableFuture<T> result, Callable<? extends T> work) {
        try {
            return new Delivery<>(result, work.call(), null);
        } catch (Throwable e) { // for the future, not for the executor's thread
            return new Delivery<>(result, null, e);
        }
    }

    @Override
    public void refuse(RejectedExecutionException reason) {
        result.completeExceptionally(reason);
    }

    /** Work for the loop's thread. Its exceptions complete the future and do not reach the loop. */
    static final class Work<T> extends Awaited<T> implements Callbacks.Wrapper {
        private final Callable<? extends T> callable;

        Work(CompletableFuture<T> result, Callable<? extends T> callable) {
            super(result);
            this.callable = callable;
        }

        @Override
        public Object wrapped() {
            return callable;
        }

        @Override
        public void run() {
            if (result.isDone()) {
                return; // cancelled
            }
            try {
                result.complete(callable.call());
            } catch (Exception e) {
                Failures.keepInterrupt(e);
                result.completeExceptionally(e);
            } catch (Error e) { // ends the loop, but must not leave the future incomplete
                result.completeExceptionally(e);
                throw e;
            }
        }
    }

    /** The result of work on another thread, delivered on the loop's thread. */
    static final class Delivery<T> extends Awaited<T> {
        private final @Nullable T value;
        private final @Nullable Throwable error;

        Delivery(CompletableFuture<T> result, @Nullable T value, @Nullable Throwable error) {
            super(result);
            this.value = value;
            this.error = error;
        }

        @Override
        public void run() {
            if (error != null) {
                result.completeExceptionally(error);
            } else {
                result.complete(value);
            }
        }
    }
}
