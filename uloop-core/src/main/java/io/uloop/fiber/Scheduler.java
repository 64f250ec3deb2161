package io.uloop.fiber;

import io.uloop.Uloop;
import io.uloop.internal.LoopAccess;
import io.uloop.internal.LoopEnd;
import io.uloop.memory.BufferBudget;
import io.uloop.net.LoopChannel;
import io.uloop.net.StreamChannel;
import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The fibers of one loop: which of them live, how they wait and how they end. Thread-safe. */
final class Scheduler implements LoopEnd {
    private final Uloop loop;
    private final LoopAccess inside;
    private final Carrier carrier;
    private final IoBuffers buffers = new IoBuffers();
    private final Map<Thread, Fiber<?>> live = new ConcurrentHashMap<>();

    /** The threads that wait and are no fibers of this, which only the end of the loop wakes. */
    private final Set<Thread> outsiders = ConcurrentHashMap.newKeySet();

    private final AtomicLong started = new AtomicLong();
    private final AtomicLong finished = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();

    /** Those of the run in progress and of calls that fail because of it. */
    private final Set<Completion> completions = ConcurrentHashMap.newKeySet();

    private volatile boolean ended;

    Scheduler(Uloop loop, FiberMode mode) {
        this.loop = loop;
        inside = LoopAccess.of(loop);
        carrier = Carrier.of(mode, loop);
        inside.addEnd(this);
    }

    Uloop loop() {
        return loop;
    }

    FiberMode mode() {
        return carrier.mode();
    }

    IoBuffers buffers() {
        return buffers;
    }

    Thread thread(String name, Runnable task) {
        return carrier.thread(name, task);
    }

    /** Returns the fibers that have not ended. Changes while it is read. */
    Collection<Fiber<?>> live() {
        return live.values();
    }

    FiberMetrics metrics() {
        long done = finished.get(); // first, so that it is not above the started ones
        return new FiberMetrics(mode(), started.get(), done, failed.get());
    }

    /** Adds what a fiber calls when it ends and no other is left. */
    void addCompletion(Completion completion) {
        completions.add(completion);
    }

    void removeCompletion(Completion completion) {
        completions.remove(completion);
    }

    /**
     * Counts a fiber that is about to start.
     *
     * @throws RejectedExecutionException if the loop is closed
     */
    void starts(Fiber<?> fiber) {
        if (ended || !loop.isOpen()) {
            IllegalStateException cause = inside.closedException();
            throw new RejectedExecutionException(
                    "cannot start " + fiber + ": " + cause.getMessage(), cause);
        }
        begins(fiber);
    }

    /** Counts a fiber that runs, unless {@link #starts} has counted it. */
    void begins(Fiber<?> fiber) {
        if (live.putIfAbsent(fiber.thread(), fiber) == null) {
            started.incrementAndGet();
            inside.awaited(1);
            if (ended) {
                fiber.interrupt(); // the end of the loop may have missed it
            }
        }
    }

    /** Uncounts a fiber that ends, or that could not start. */
    void ends(Fiber<?> fiber) {
        live.remove(fiber.thread());
        finished.incrementAndGet();
        inside.awaited(-1);
        if (live.isEmpty()) {
            completions.forEach(Completion::run);
        }
    }

    /** Counts a fiber that failed. */
    void failed() {
        failed.incrementAndGet();
    }

    /** Reports a failure for which no other fiber waits to the loop's error handler. */
    void report(Fiber<?> fiber, Throwable failure) {
        FailedFiber report = new FailedFiber(fiber, failure);
        try {
            loop.post(report);
        } catch (RejectedExecutionException e) {
            report.refuse(e);
        }
    }

    /** Returns the fiber that calls, or null if this thread is none of this scheduler's. */
    @Nullable Fiber<?> current() {
        return carrier.running() instanceof Fiber.Body<?> body
                ? body.fiber()
                : live.get(Thread.currentThread());
    }

    /**
     * Checks that this thread may wait.
     *
     * @throws IllegalStateException if it runs the loop, which would stand still
     */
    void requireMayWait() {
        if (inside.isBlockedByWaiting()) {
            throw new IllegalStateException(
                    "cannot wait in a callback of " + loop + "; start a fiber for it");
        }
    }

    /**
     * Checks that a wait may go on.
     *
     * @throws io.uloop.ClosedLoopException if the loop has ended, so nothing would end the wait
     */
    void checkpoint() throws InterruptedException {
        requireNotEnded();
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    /** Parks this thread, at most until the loop ends. Follows {@link #checkpoint}. */
    void park(Waiting blocker) {
        if (current() != null) { // the end of the loop interrupts it
            LockSupport.park(blocker);
            return;
        }
        Thread self = Thread.currentThread();
        outsiders.add(self);
        try {
            if (!ended) {
                LockSupport.park(blocker);
            }
        } finally {
            outsiders.remove(self);
        }
    }

    /**
     * Checks that the loop has not ended. If it ends later, this fiber is interrupted.
     *
     * @throws io.uloop.ClosedLoopException if it has ended
     */
    void requireNotEnded() {
        if (ended) {
            throw inside.closedException();
        }
    }

    /**
     * Returns a registration's only interest: with EDGE where the backend has all kinds of edges.
     */
    int interest(int events) {
        return events | (StreamChannel.interestOn(loop) & UEvent.EDGE);
    }

    /** Checks that a channel belongs to this loop, and returns this. */
    Scheduler requireOwn(LoopChannel channel) {
        if (channel.loop() != loop) {
            throw new IllegalArgumentException(channel + " belongs to another loop than " + loop);
        }
        return this;
    }

    /** Returns whether nothing is left to do but to wait for this many fibers. */
    boolean isStillExceptFor(int fibers) {
        return inside.isStillExceptFor(fibers);
    }

    /** Wakes a thread for an event, in a handler. */
    void wakeInTurn(Thread thread) {
        carrier.wakeInTurn(thread);
    }

    /** Calls {@link Carrier#giveWay}. */
    int giveWay(int calls) {
        return carrier.giveWay(calls);
    }

    /** Waits for some time in an I/O operation. */
    void pause(Duration duration, String operation) throws InterruptedIOException {
        try {
            sleep(duration);
        } catch (InterruptedException e) {
            InterruptedIOException interruption =
                    new InterruptedIOException("interrupted in " + operation);
            interruption.initCause(e);
            throw interruption;
        }
    }

    /** Returns whether a channel is registered. Call on the loop's thread. */
    boolean isRegistered(LoopChannel channel) {
        return inside.isRegistered(channel.fd());
    }

    void sleep(Duration duration) throws InterruptedException {
        requireMayWait();
        checkpoint();
        if (duration.isZero() || duration.isNegative()) {
            carrier.letOthersRun();
            return;
        }
        Wakeup wakeup = new Wakeup(loop, false);
        wakeup.set(duration);
        try {
            while (!wakeup.isOver()) {
                checkpoint();
                park(wakeup);
            }
        } catch (InterruptedException | RuntimeException e) {
            wakeup.cancel();
            throw e;
        }
    }

    /** Calls a function on the loop's thread and waits for it, even if interrupted meanwhile. */
    <T> T onLoop(Callable<T> function) throws IOException {
        try {
            if (loop.inLoop()) {
                return function.call();
            }
            if (!inside.hold()) {
                return awaitUninterruptibly(loop.submit(function));
            }
            try {
                return function.call();
            } finally {
                inside.letGo();
            }
        } catch (RejectedExecutionException | ClosedPollerException e) {
            throw inside.closedException();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /** Runs an action on the loop's thread, now or later. */
    void soonOnLoop(Runnable action) {
        try {
            if (loop.inLoop()) {
                action.run();
            } else if (inside.hold()) {
                try {
                    action.run();
                } finally {
                    inside.letGo();
                }
            } else {
                loop.execute(action);
            }
        } catch (RejectedExecutionException e) {
            // A closed loop needs no more changes.
        }
    }

    /** Returns the budget of buffers of the loop. Use it on the loop's thread. */
    BufferBudget budget() {
        return inside.buffers();
    }

    private static <T> T awaitUninterruptibly(CompletableFuture<T> future) throws Exception {
        boolean interrupted = false;
        try {
            for (; ; ) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof Exception cause) {
                        throw cause;
                    }
                    throw e;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Wakes all fibers, whose operations then fail, and runs them for the last time. */
    @Override
    public void loopClosed(Consumer<Call> caller) {
        ended = true;
        live.values().forEach(Fiber::interrupt); // counted, so no timeout takes it back
        outsiders.forEach(LockSupport::unpark);
        carrier.loopEnded();
    }

    /** Wakes the thread that has created it. */
    static final class Wakeup extends Alarm implements Waiting {
        private final Thread thread = Thread.currentThread();
        private volatile boolean over;

        Wakeup(Uloop loop, boolean isLimit) {
            super(loop, isLimit);
        }

        boolean isOver() {
            return over;
        }

        @Override
        public FiberState state() {
            return FiberState.SLEEPING;
        }

        @Override
        void ring() {
            over = true;
            LockSupport.unpark(thread);
        }
    }
}
