package io.uloop;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Decides which thread may touch a loop: the one that runs it, or while none does, one at a time
 * that sets it up. So no two threads ever change the loop's timers, hooks and handlers at once.
 * Thread-safe.
 *
 * <p>On the thread that runs the loop a claim costs one volatile read.
 */
final class LoopOwner {
    private final String name;
    private final AtomicReference<@Nullable Thread> holder = new AtomicReference<>();
    private volatile boolean running;

    /**
     * Creates one that no thread has.
     *
     * @param name the loop's, for messages
     */
    LoopOwner(String name) {
        this.name = name;
    }

    /** {@return whether this thread runs the loop or is setting it up} */
    boolean isCurrent() {
        return holder.get() == Thread.currentThread();
    }

    /** {@return the thread that runs the loop, or null} */
    @Nullable Thread runner() {
        return running ? holder.get() : null;
    }

    /**
     * Takes the loop to run it, behind a change that another thread is making.
     *
     * @throws IllegalStateException if a thread runs it already
     */
    void enter() {
        Thread self = Thread.currentThread();
        while (!holder.compareAndSet(null, self)) {
            if (isCurrent()) {
                throw new IllegalStateException(
                        name + " cannot be run from its own callbacks; return first");
            }
            if (running) {
                throw new IllegalStateException(
                        name + " is run by another thread; use one loop per thread");
            }
            Thread.onSpinWait(); // the other thread is setting it up, and is out in a system call
            // or two
        }
        running = true;
    }

    /** Gives the loop back after {@link #enter}. */
    void leave() {
        running = false;
        holder.set(null);
    }

    /**
     * Takes the loop for one change, unless this thread has it.
     *
     * @return whether the caller must {@link #release} it
     * @throws IllegalStateException if another thread has it
     */
    boolean claim() {
        Thread self = Thread.currentThread();
        if (holder.get() == self) {
            return false;
        }
        if (tryClaim()) {
            return true;
        }
        throw refusal(holder.get());
    }

    /** Takes the loop if no thread has it. */
    boolean tryClaim() {
        return holder.compareAndSet(null, Thread.currentThread());
    }

    /** Gives the loop back after {@link #claim}. */
    void release() {
        holder.set(null);
    }

    /**
     * Refuses every thread but the one that has the loop; any thread while none has it.
     *
     * @throws IllegalStateException if another thread has it
     */
    void check() {
        Thread thread = holder.get();
        if (thread != null && thread != Thread.currentThread()) {
            throw refusal(thread);
        }
    }

    private IllegalStateException refusal(@Nullable Thread thread) {
        return new IllegalStateException(
                "thread "
                        + Thread.currentThread().getName()
                        + " may not touch "
                        + name
                        + " while "
                        + (thread == null ? "another thread" : "thread " + thread.getName())
                        + (running ? " runs it" : " sets it up")
                        + "; hand the call over with execute");
    }
}
