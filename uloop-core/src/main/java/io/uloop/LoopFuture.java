package io.uloop;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A future that is completed on the thread of a loop, or made from such a future. That thread must
 * not wait for it: {@code get} and {@code join} throw there instead of blocking for ever.
 */
final class LoopFuture<T> extends CompletableFuture<T> {
    private final Uloop loop;

    LoopFuture(Uloop loop) {
        this.loop = loop;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new LoopFuture<>(loop);
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        checkWait();
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (timeout > 0) { // else it does not wait
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
        if (!isDone() && loop.inLoop()) {
            throw new IllegalStateException(
                    "cannot wait on the thread of "
                            + loop.name()
                            + " for a future that this thread completes; return from the callback"
                            + " and go on in whenComplete or thenAccept");
        }
    }
}
