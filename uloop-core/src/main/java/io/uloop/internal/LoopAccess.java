package io.uloop.internal;

import io.uloop.memory.BufferBudget;
import io.uloop.observe.LoopObserver;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The inside of a loop, for the other packages of this module.
 *
 * <p>Thread-safe, unless stated otherwise.
 */
public interface LoopAccess {
    /**
     * {@return the inside of a loop, always the same object}
     *
     * @param loop a {@code Uloop}. This package lies below that class and does not know it
     */
    static LoopAccess of(Executor loop) {
        return Objects.requireNonNull(Source.ofLoop, "no loop exists").apply(loop);
    }

    /**
     * Sets the function that {@link #of} applies. Called by the class of loops when it is loaded.
     *
     * @param ofLoop returns the inside of a loop
     */
    static void provide(Function<Executor, LoopAccess> ofLoop) {
        Source.ofLoop = ofLoop;
    }

    /** {@return the loop's clock in nanoseconds, whose time is exact during a turn, too} */
    LongSupplier clock();

    /** {@return the memory that the connections of the loop may hold} */
    BufferBudget buffers();

    /** {@return the observer of the loop} */
    LoopObserver observer();

    /** {@return what other packages keep for the loop, each by one of their classes} */
    ConcurrentMap<Class<?>, Object> attachments();

    /** {@return the number of open connections of the loop, which their owners keep} */
    AtomicInteger connections();

    /**
     * Adds an action that runs when the loop is closed, on the thread that closes it.
     *
     * @param action runs once; if the loop is closed, at once
     * @throws IllegalStateException if the loop is closed
     */
    void addAtClose(Runnable action);

    /**
     * Removes an action of {@link #addAtClose}.
     *
     * @param action the same object
     * @return false if it is not present
     */
    boolean removeAtClose(Runnable action);

    /**
     * Changes the number of things that an idle run waits for, although the loop does not know
     * them.
     *
     * @param change added to the number
     */
    void awaited(int change);

    /**
     * Adds a handler of the end of the loop, which is called after those added earlier.
     *
     * @param end called when the loop has ended
     * @throws IllegalStateException if the loop is closed
     */
    void addEnd(LoopEnd end);

    /**
     * Removes a handler of {@link #addEnd}. Does nothing if it has been called.
     *
     * @param end the same object
     */
    void removeEnd(LoopEnd end);

    /** Calls {@link LoopEnd#shutdownBegins} of all handlers. Call on the loop's thread. */
    void beginShutdown();

    /**
     * Registers a descriptor for its owner. It needs no object to find the registration again,
     * because nobody else can have the number.
     *
     * @param fd the descriptor
     * @param interest as for {@code Uloop.add}
     * @param handler an {@code EventHandler}
     * @param unref whether an idle run ends although it is registered
     * @throws IOException as for {@code Uloop.add}
     */
    void register(int fd, int interest, Object handler, boolean unref) throws IOException;

    /**
     * Sets whether an idle run ends although a descriptor is registered. Does nothing if it is not.
     *
     * @param fd the descriptor
     * @param unref whether the run ends
     * @throws IllegalStateException if another thread runs the loop
     */
    void setUnref(int fd, boolean unref);

    /**
     * Returns whether a descriptor is registered. An estimate outside the loop's thread.
     *
     * @param fd the descriptor
     * @return false if it is not registered or the loop is closed
     */
    boolean isRegistered(int fd);

    /**
     * Deregisters a descriptor for its owner. Does nothing if it is not registered or the loop is
     * closed.
     *
     * @param fd the descriptor
     * @throws IllegalStateException if it is registered and another thread runs the loop
     */
    void deregister(int fd);

    /**
     * Returns a descriptor that is readable while the loop has events or tasks. Call on the loop's
     * thread.
     *
     * @return the same number every time
     * @throws UnsupportedOperationException if the backend has none
     * @throws IOException EMFILE, ENFILE, ENOMEM, ENOSPC
     */
    int fd() throws IOException;

    /**
     * Returns how long the next turn of the loop could wait. Call on the loop's thread.
     *
     * @return nanoseconds; 0 if something can be called now, -1 if only an event can call something
     */
    long timeoutNanos();

    /**
     * Lets an idle run wait for something that the loop does not know. Call on the loop's thread.
     *
     * @param idle returns whether there is nothing to wait for
     */
    void addIdleness(BooleanSupplier idle);

    /**
     * Reverts {@link #addIdleness}. Call on the loop's thread.
     *
     * @param idle the same object
     */
    void removeIdleness(BooleanSupplier idle);

    /**
     * Adds a line for each registration and timer, and one for what {@link #awaited} counts. Call
     * on the loop's thread.
     *
     * @param text gets the lines, each after a line break
     */
    void dump(StringBuilder text);

    /** {@return whether nothing is left for which an idle run waits} Call on the loop's thread. */
    boolean isIdle();

    /**
     * Returns whether nothing is left that could call a callback, not even what does not keep an
     * idle run waiting, other than what {@link #awaited} counts. Call on the loop's thread.
     *
     * @param awaited the expected number of those
     * @return false if there are more
     */
    boolean isStillExceptFor(int awaited);

    /**
     * Adds code that can continue. It runs before the loop waits again. Call on the loop's thread.
     *
     * @param resumable not added yet
     */
    void ready(Resumable resumable);

    /**
     * {@return the code that the loop's thread is running, or null} Meaningful only in that code.
     */
    @Nullable Resumable resumed();

    /** Runs all code that can continue, after the last turn. Call on the loop's thread. */
    void runReady();

    /**
     * Queues a task like {@link io.uloop.Uloop#execute}, but never ends a closed loop in its place,
     * which calls code of the program. So it can be called while this thread holds locks.
     *
     * @param task called once on the loop's thread, unless the loop is closed first
     * @return false if the loop is closed; it may have queued the task nevertheless
     */
    boolean offer(Runnable task);

    /**
     * Records that another thread executes resumable code of this loop, because the loop's thread
     * waits for it. The code returns to the loop's thread as soon as it uses the loop.
     *
     * @param thread the {@link Resumable#thread}, or null once it is not executed there any more
     */
    void setGuest(@Nullable Thread thread);

    /** Makes later runs of the loop fail on a virtual thread. */
    void requirePlatformThread();

    /** {@return whether the loop stands still if this thread waits} */
    boolean isBlockedByWaiting();

    /**
     * Takes the loop for one change by this thread, which is not the loop's and does not hold it.
     * Waits for the changes of other threads. {@link #letGo} must follow.
     *
     * @return false if a thread runs the loop
     */
    boolean hold();

    /** Releases the loop after {@link #hold}. */
    void letGo();

    /**
     * Begins a change by the loop's thread, a fiber on it, or a thread that sets the loop up. A
     * fiber is pinned meanwhile: if a lock suspended it, callbacks and other fibers would find the
     * change half made. {@link #release} must follow.
     *
     * @return passed to {@link #release}
     * @throws IllegalStateException if another thread holds the loop
     */
    boolean claim();

    /**
     * Ends a change.
     *
     * @param claimed what {@link #claim} returned
     */
    void release(boolean claimed);

    /** {@return the exception for the use of a closed loop} */
    IllegalStateException closedException();

    /** The function of {@link #of}. */
    final class Source {
        private static @Nullable Function<Executor, LoopAccess> ofLoop;

        private Source() {}
    }
}
