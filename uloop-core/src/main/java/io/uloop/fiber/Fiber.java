package io.uloop.fiber;

import io.uloop.ErrorHandler;
import io.uloop.observe.Callbacks;
import io.uloop.poller.Descriptors;
import io.uloop.poller.spi.SpinLock;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread of straight-line code whose I/O waits on a loop, started by {@link Fibers#start}.
 *
 * <p>If its code throws an exception while another thread waits in {@link #join}, that call throws
 * it. Otherwise the loop logs it and passes it to the {@link ErrorHandler}, and a later {@code
 * join} throws it, too. A fiber that ends with the exception of an interrupt is not reported. An
 * {@link Error} ends the run of the loop as that of a handler does, except an {@link
 * OutOfMemoryError} or {@link StackOverflowError}, which ends only the fiber.
 *
 * <p>Thread-safe.
 *
 * @param <T> what the code returns
 * @since 0.1
 */
public final class Fiber<T> {
    /** Added while a failure waits for one of the threads inside join. */
    private static final int OWED = 1 << 30;

    private final Scheduler scheduler;
    private final String name;
    private final long bornNanos = System.nanoTime();
    private final Thread thread;

    /** The number of threads inside join, plus OWED. */
    private final AtomicInteger joining = new AtomicInteger();

    private @Nullable T value;
    private @Nullable Throwable failure;
    private volatile boolean done;
    private volatile int interrupts;

    /**
     * Keeps {@link #interrupts} and the thread's status together, because the end of a timeout
     * reads both.
     */
    private final SpinLock interruptsLock = new SpinLock();

    /** The fiber whose end this one waits for. */
    private volatile @Nullable Fiber<?> awaited;

    /** The innermost timeout around the code that runs. Used by the fiber only. */
    @Nullable Expiry expiry;

    Fiber(Scheduler scheduler, String name, Callable<? extends T> code) {
        this.scheduler = scheduler;
        this.name = Objects.requireNonNull(name, "name");
        thread = scheduler.thread(name, new Body<>(this, Objects.requireNonNull(code, "code")));
    }

    /** What the thread of a fiber runs. */
    static final class Body<T> implements Runnable, Callbacks.Wrapper {
        private final Fiber<T> fiber;
        private final Callable<? extends T> code;

        private Body(Fiber<T> fiber, Callable<? extends T> code) {
            this.fiber = fiber;
            this.code = code;
        }

        Fiber<T> fiber() {
            return fiber;
        }

        @Override
        public void run() {
            fiber.run(code);
        }

        @Override
        public Object wrapped() {
            return code;
        }
    }

    Fiber<T> start() {
        scheduler.starts(this);
        try {
            thread.start();
        } catch (RuntimeException | Error e) { // no memory for another thread
            scheduler.ends(this);
            throw e;
        }
        return this;
    }

    private void run(Callable<? extends T> code) {
        scheduler.begins(this);
        Throwable thrown = null;
        try {
            value = code.call();
        } catch (Throwable e) { // for join or for the error handler
            thrown = e;
        }
        failure = thrown;
        done = true;
        try {
            if (thrown != null && !isEndOfInterrupted(thrown)) {
                scheduler.failed();
                if (joining.getAndUpdate(count -> count == 0 ? 0 : count + OWED) == 0) {
                    scheduler.report(this, thrown);
                }
            }
        } finally {
            scheduler.ends(this);
        }
    }

    private boolean isEndOfInterrupted(Throwable thrown) {
        return interrupts > 0 && isInterruption(thrown);
    }

    /** Returns whether an exception is how an operation ends that is interrupted. */
    static boolean isInterruption(Throwable thrown) {
        return thrown instanceof InterruptedException
                || thrown instanceof InterruptedIOException
                || thrown instanceof ClosedByInterruptException;
    }

    /** {@return the name of the fiber and of its thread} */
    public String name() {
        return name;
    }

    /** {@return the thread that runs the code} */
    public Thread thread() {
        return thread;
    }

    /** {@return whether the code has ended} */
    public boolean isDone() {
        return done;
    }

    /**
     * Waits for the end of the fiber.
     *
     * @return what its code returned
     * @throws ExecutionException if its code threw an exception, which is the cause
     * @throws InterruptedException if the calling thread is interrupted; this fiber continues
     * @throws IllegalStateException if called in a callback of the loop or by the fiber itself
     */
    public T join() throws ExecutionException, InterruptedException {
        joining.incrementAndGet();
        boolean ended = done;
        try {
            if (!ended) {
                awaitEnd();
                ended = true;
            }
        } finally {
            leaveJoin(ended);
        }
        if (failure != null) {
            throw new ExecutionException(failure);
        }
        return result();
    }

    /** Ends a join. If it does not throw the failure and nobody else will, reports it. */
    private void leaveJoin(boolean delivers) {
        if (delivers) {
            joining.updateAndGet(count -> (count & ~OWED) - 1);
        } else if (joining.getAndUpdate(count -> count == OWED + 1 ? 0 : count - 1) == OWED + 1) {
            scheduler.report(this, Objects.requireNonNull(failure));
        }
    }

    private void awaitEnd() throws InterruptedException {
        scheduler.requireMayWait();
        Fiber<?> caller = scheduler.current();
        if (caller == this) {
            throw new IllegalStateException(this + " cannot wait for its own end");
        }
        if (caller == null) {
            thread.join();
            return;
        }
        caller.awaited = this;
        try {
            thread.join();
        } finally {
            caller.awaited = null;
        }
    }

    @SuppressWarnings("NullAway") // null if the code returned null
    private T result() {
        return value;
    }

    /**
     * Interrupts the fiber. An operation in which it waits, or else the next one, throws {@link
     * InterruptedException} or {@link InterruptedIOException}. Its descriptor stays open, and no
     * byte is lost: {@link InterruptedIOException#bytesTransferred} and the position of the buffer
     * tell how many bytes have moved. The exception clears the interrupt.
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // locked
    public void interrupt() {
        interruptsLock.lock();
        try {
            interrupts++;
            thread.interrupt();
        } finally {
            interruptsLock.unlock();
        }
    }

    /**
     * Takes back the interrupt of a timeout, on the fiber's thread.
     *
     * @param before the {@link #receivedInterrupts} when the timeout started
     * @param again returns whether the fiber stays interrupted in any case; called after the
     *     interrupt has been taken back, which may also have been that of another timeout
     */
    void takeBackInterrupt(int before, BooleanSupplier again) {
        interruptsLock.lock();
        try {
            boolean unused = Thread.interrupted();
            if (again.getAsBoolean() || interrupts != before) {
                thread.interrupt();
            }
        } finally {
            interruptsLock.unlock();
        }
    }

    /**
     * Returns the number of interrupts that the fiber has received, on the fiber's thread. One that
     * waits to be received counts later.
     */
    int receivedInterrupts() {
        interruptsLock.lock();
        int received = thread.isInterrupted() ? interrupts - 1 : interrupts;
        interruptsLock.unlock();
        return received;
    }

    /** {@return the state of the fiber at this moment, see {@link Fibers#list}} */
    public FiberInfo info() {
        return info(System.nanoTime());
    }

    /**
     * Returns the state at this moment.
     *
     * @param now the system's time in nanoseconds, one for all fibers of a list
     */
    FiberInfo info(long now) {
        Duration age = Duration.ofNanos(now - bornNanos);
        if (!done && LockSupport.getBlocker(thread) instanceof Waiting waiting) {
            return new FiberInfo(name, age, waiting.state(), waiting.fd(), waiting.events(thread));
        }
        return new FiberInfo(name, age, unparkedState(), Descriptors.NONE, 0);
    }

    private FiberState unparkedState() {
        if (done) {
            return FiberState.ENDED;
        }
        if (awaited != null) {
            return FiberState.JOINING;
        }
        return isBlocked() ? FiberState.BLOCKED : FiberState.RUNNABLE;
    }

    /** Returns whether it waits for the end of another fiber, which has not ended. */
    boolean isHeldUpByFiber() {
        Fiber<?> other = awaited;
        return other != null && !other.done;
    }

    private boolean isBlocked() {
        return switch (thread.getState()) {
            case BLOCKED, WAITING, TIMED_WAITING -> true;
            default -> false;
        };
    }

    @Override
    public String toString() {
        return "fiber " + name;
    }
}
