package io.uloop;

import io.uloop.internal.Resumable;
import io.uloop.internal.VirtualThreads;
import io.uloop.poller.spi.SpinWait;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Decides which thread may use a loop: the thread that runs it, or any one thread at a time while
 * the loop is not running. This ensures that no two threads change timers, hooks and handlers
 * concurrently. Thread-safe.
 *
 * <p>On the thread that runs the loop, a claim costs one volatile read.
 */
final class LoopOwner {
    private final LoopState state;
    private final Runnable released;
    private final AtomicReference<@Nullable Thread> holder = new AtomicReference<>();

    /** Counts the calls of {@link #hold} and their ends. Nobody holds while both are the same. */
    private final AtomicInteger holds = new AtomicInteger();

    private final AtomicInteger holdsEnded = new AtomicInteger();

    private volatile boolean running;
    private volatile boolean platformOnly;

    /**
     * The fiber that the loop's thread is executing. Only a thread that asks for itself reads it,
     * so it needs no memory order: a virtual thread of this loop runs on no other thread.
     */
    private @Nullable Resumable mounted;

    /** A virtual thread of this loop that another thread executes, see {@link #setGuest}. */
    private volatile @Nullable Thread guest;

    /**
     * Creates an owner for a loop that no thread holds.
     *
     * @param released called after a change, on behalf of a concurrent close of the loop, which
     *     could not take the loop
     */
    LoopOwner(LoopState state, Runnable released) {
        this.state = state;
        this.released = released;
    }

    String name() {
        return state.name();
    }

    /**
     * {@return whether this thread runs the loop, is a fiber on the thread that does, or is setting
     * the loop up}
     */
    boolean isCurrent() {
        Thread self = Thread.currentThread();
        return holder.get() == self || mounted(self) != null || isBack(self);
    }

    /** {@return the fiber that calls, if the loop's thread executes it} */
    private @Nullable Resumable mounted(Thread self) {
        Resumable fiber = mounted;
        return fiber != null && fiber.thread() == self ? fiber : null;
    }

    /** Lets a guest return to the loop's thread. Returns whether the caller is there now. */
    @SuppressWarnings("ThreadPriorityCheck") // suspends a virtual thread
    private boolean isBack(Thread self) {
        if (guest != self) {
            return false;
        }
        Thread.yield();
        return mounted(self) != null;
    }

    /** {@return whether the loop stands still if this thread waits} False for fibers. */
    boolean isBlockedByWaiting() {
        return holder.get() == Thread.currentThread();
    }

    /**
     * Records that the loop's thread executes a fiber, which may then use the loop.
     *
     * @param fiber the fiber, or null once it does not any more
     */
    void mount(@Nullable Resumable fiber) {
        mounted = fiber;
    }

    /**
     * Records that another thread executes a virtual thread of this loop, because the loop's thread
     * waits for it. It returns as soon as it asks whether it may use the loop.
     *
     * @param thread the virtual thread, or null once it is not executed there any more
     */
    void setGuest(@Nullable Thread thread) {
        guest = thread;
    }

    /** {@return the thread that runs the loop, or null} */
    @Nullable Thread runner() {
        return running ? holder.get() : null;
    }

    /**
     * Takes the loop to run it. Waits for a change that another thread is making.
     *
     * @throws IllegalStateException if a thread already runs it
     */
    void enter() {
        Thread self = Thread.currentThread();
        if (platformOnly && VirtualThreads.isVirtual(self)) {
            throw new IllegalStateException(
                    name()
                            + " has fibers in mode loop, which a virtual thread cannot run; run the loop"
                            + " on a platform thread, or use -Duloop.fibers=jdk");
        }
        for (int round = 0; !holder.compareAndSet(null, self); round++) {
            if (isCurrent()) {
                throw new IllegalStateException(
                        name() + " cannot run in its own callback; return from the callback first");
            }
            if (running) {
                throw new IllegalStateException(
                        name() + " is already running on another thread; use one loop per thread");
            }
            SpinWait.pause(round); // the other thread's change takes a system call or two
        }
        running = true;
    }

    /** Makes later calls of {@link #enter} fail on virtual threads. */
    void requirePlatformThread() {
        platformOnly = true;
    }

    /** Releases the loop after {@link #enter}. */
    void leave() {
        running = false;
        holder.set(null);
    }

    /**
     * Takes the loop for one change, unless this thread already holds it. A fiber is pinned for
     * that time. If a lock suspended it, others would find the change half made.
     *
     * @return whether the caller must {@link #release} it
     * @throws ClosedLoopException if another thread holds it and the loop is closed
     * @throws IllegalStateException if another thread holds it
     */
    boolean claim() {
        if (isCurrent()) {
            Resumable fiber = mounted(Thread.currentThread());
            if (fiber == null) {
                return false;
            }
            fiber.pin();
            return true;
        }
        int ended = holdsEnded.get(); // first, so that no hold is missed
        for (int round = 0; !tryClaim(); round++) {
            if (running || holds.get() == ended) {
                throw refusal(holder.get());
            }
            SpinWait.pause(round);
            ended = holdsEnded.get();
        }
        return true;
    }

    /**
     * Takes the loop for one change, after those of other threads. Unlike {@link #claim}, which
     * finds a second thread that sets the loop up, this is for any number of threads.
     *
     * @return false if another thread runs it
     */
    boolean hold() {
        holds.incrementAndGet();
        for (int round = 0; !tryClaim(); round++) {
            if (running) {
                holdsEnded.incrementAndGet();
                return false;
            }
            SpinWait.pause(round); // the other thread's change takes a system call or two
        }
        return true;
    }

    /** Releases the loop after a successful {@link #hold}. */
    void letGo() {
        release();
        holdsEnded.incrementAndGet();
        released.run();
    }

    /** Takes the loop if no thread holds it. */
    boolean tryClaim() {
        return holder.compareAndSet(null, Thread.currentThread());
    }

    /** Releases the loop after a successful {@link #tryClaim}. */
    void release() {
        holder.set(null);
    }

    /**
     * Ends a change.
     *
     * @param claimed what {@link #claim} returned
     */
    void release(boolean claimed) {
        if (!claimed) {
            return;
        }
        Resumable fiber = mounted(Thread.currentThread());
        if (fiber != null) {
            fiber.unpin();
            return;
        }
        release();
        released.run();
    }

    /**
     * Checks that no other thread holds the loop.
     *
     * @throws ClosedLoopException if another thread holds it and the loop is closed
     * @throws IllegalStateException if another thread holds it
     */
    void check() {
        int ended = holdsEnded.get();
        Thread thread = holder.get();
        if (thread != null && !isCurrent() && (running || holds.get() == ended)) {
            throw refusal(thread);
        }
    }

    private IllegalStateException refusal(@Nullable Thread thread) {
        if (!state.isOpen()) {
            return state.closedException();
        }
        return new IllegalStateException(
                "thread "
                        + Thread.currentThread().getName()
                        + " cannot use "
                        + name()
                        + " while "
                        + (thread == null ? "another thread" : "thread " + thread.getName())
                        + (running ? " runs it" : " sets it up")
                        + "; pass the call to execute");
    }
}
