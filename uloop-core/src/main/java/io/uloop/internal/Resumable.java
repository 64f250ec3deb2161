package io.uloop.internal;

import org.jspecify.annotations.Nullable;

/**
 * Code that runs on a loop's thread until it waits, and later continues where it waited. A loop
 * runs it in the turn in which it becomes able to continue.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
public abstract class Resumable {
    /** The link of the loop's queue. */
    private @Nullable Resumable next;

    /** Creates code that has not started. */
    protected Resumable() {}

    /** {@return the thread that the code sees as its own} */
    public abstract Thread thread();

    /**
     * Claims the code, once each time it can continue.
     *
     * @return false if another thread has claimed it
     */
    public abstract boolean claim();

    /**
     * Continues, after a claim, until the code waits again or ends. Throws nothing of the code's.
     */
    public abstract void resume();

    /**
     * Keeps the code on its thread until {@link #unpin}: a lock that it enters makes the thread
     * wait. Called by the code, once more for each call that has not been reverted.
     */
    public abstract void pin();

    /** Reverts one {@link #pin}. */
    public abstract void unpin();

    /** {@return the element behind this one in a queue} */
    public final @Nullable Resumable next() {
        return next;
    }

    /**
     * Sets the element behind this one in a queue.
     *
     * @param element the element, or null at the end
     */
    public final void setNext(@Nullable Resumable element) {
        next = element;
    }
}
