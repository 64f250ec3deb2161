package io.uloop;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A future that is completed on a loop's thread, or derived from such a future. On that thread,
 * {@code get} and {@code join} throw rather than block forever.
 */
final class LoopFuture<T> extends CompletableFuture<T> {
    private final LoopOwner owner;

    LoopFuture(LoopOwner owner) {
        this.owner = owner;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new LoopFuture<>(owner);
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        checkWait();
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (timeout > 0) { // otherwise it does not wait
            checkWait();
        }
        return super.get(timeout, unit);
    }

    @Override
    public T join() {
        checkWait();
        return super.join();
    }

    private void checkWait() {
        if (!isDone() && owner.isBlockedByWaiting()) {
            throw new IllegalStateException(
                    "cannot wait on the thread of "
                            + owner.name()
                            + " for a future that this thread completes; return from the callback"
                            + " and continue in whenComplete or thenAccept");
        }
    }
}
