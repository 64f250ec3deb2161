package io.uloop;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** A task that ends in somebody's future, who must learn it when the loop closes before. */
abstract sealed class Awaited<T> implements Runnable {
    final CompletableFuture<T> result;

    Awaited(CompletableFuture<T> result) {
        this.result = result;
    }

    /** Does work on this thread and returns the delivery of its result on the loop's thread. */
    static <T> Awaited<T> delivery(CompletableFuture<T> result, Callable<? extends T> work) {
        try {
            return new Delivery<>(result, work.call(), null);
        } catch (Throwable e) { // it belongs to who waits, not to the thread that was lent
            return new Delivery<>(result, null, e);
        }
    }

    void refuse(RejectedExecutionException reason) {
        result.completeExceptionally(reason);
    }

    /** Work for the loop's thread. What it throws is for who waits, not for the loop. */
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
            } catch (Error e) { // ends the loop, but nobody is to wait for ever
                result.completeExceptionally(e);
                throw e;
            }
        }
    }

    /** What another thread has made, brought to the loop's. */
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
