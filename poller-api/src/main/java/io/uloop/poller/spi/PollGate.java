package io.uloop.poller.spi;

import io.uloop.poller.ClosedPollerException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Controls which threads may be inside a poller: one that polls or registers, any number that wake
 * it, and one that closes it. A single atomic word holds the whole state, so that every check is
 * consistent.
 *
 * <p>POLLING and REGISTERING exclude each other and themselves. No two threads ever touch the
 * registration table, or the memory shared with the kernel, at once. The thread that comes second
 * is rejected. A poll, however, waits for a registration to end, because an intruder must not end
 * the owner's loop. The sink of a poll registers under the poll's own claim.
 *
 * <p>A wakeup needs the kernel only while the poller is WAITING, or always once it is WATCHED by
 * another poller. Threads that signal are counted. The last of close, poll, registration and
 * signals to leave frees the poller's descriptors and memory, once. No thread can therefore signal
 * a descriptor that was closed and reused.
 *
 * <p>Thread-safe.
 */
final class PollGate {
    private static final int POLLING = 1;
    private static final int WAITING = 2;
    private static final int NOTIFIED = 4;
    private static final int CLOSED = 8;
    private static final int FREED = 16;
    private static final int REGISTERING = 32;
    private static final int WATCHED = 64;
    private static final int SIGNAL = 128; // unit of the count of signals in the upper bits

    private final AtomicInteger state = new AtomicInteger();
    private final Runnable signal;
    private final Runnable free;

    /**
     * The thread that polls or has polled last. Changed only under a claim to register, so it is
     * right for everyone who sees POLLING.
     */
    private @Nullable Thread poller;

    /**
     * @param signal ends the kernel's wait; may run on any thread until the poller is freed
     * @param free releases the poller's descriptors; called once
     */
    PollGate(Runnable signal, Runnable free) {
        this.signal = signal;
        this.free = free;
    }

    boolean isClosed() {
        return (state.get() & CLOSED) != 0;
    }

    /** Returns whether a wakeup or close is pending. */
    boolean isNoticed() {
        return (state.get() & (NOTIFIED | CLOSED)) != 0;
    }

    /**
     * Claims the poller for one registration, until {@link #release}.
     *
     * @throws ClosedPollerException if the poller is closed
     * @throws IllegalStateException if another thread polls or registers
     */
    void hold() {
        for (; ; ) {
            int now = state.get();
            if ((now & CLOSED) != 0) {
                throw new ClosedPollerException();
            }
            if ((now & POLLING) != 0 && poller == Thread.currentThread()) {
                return; // called from the sink: the poll excludes all other threads
            }
            if ((now & (POLLING | REGISTERING)) != 0) {
                throw new IllegalStateException(
                        "thread "
                                + Thread.currentThread().getName()
                                + " cannot change registrations while another thread is "
                                + ((now & POLLING) != 0
                                        ? "polling; hand the call over to that thread and call"
                                                + " wakeup"
                                        : "changing them; let one thread own the poller"));
            }
            if (state.compareAndSet(now, now | REGISTERING)) {
                return;
            }
        }
    }

    /** Ends a {@link #hold}. Frees the poller if it was closed meanwhile. */
    void release() {
        // No other thread can have set the bit: the caller either polls or has set it.
        if ((state.get() & REGISTERING) != 0) {
            leave(REGISTERING);
        }
    }

    /** Removes a claim from the state. Frees the poller if it was closed meanwhile. */
    private void leave(int claim) {
        if ((state.addAndGet(-claim) & CLOSED) != 0) {
            freeIfLast();
        }
    }

    /**
     * Claims the poller for one poll. Waits for a registration in progress.
     *
     * @throws ClosedPollerException if the poller is closed
     * @throws IllegalStateException if a thread is already polling
     */
    void enter() {
        Thread self = Thread.currentThread();
        for (int round = 0; ; round++) {
            int now = state.get();
            if ((now & CLOSED) != 0) {
                throw new ClosedPollerException();
            }
            if ((now & POLLING) != 0) {
                throw new IllegalStateException(
                        poller == self
                                ? "cannot poll inside a sink of the same poller; return from the"
                                        + " sink first"
                                : "cannot poll while another thread is polling; use one poller per"
                                        + " thread");
            }
            if ((now & REGISTERING) != 0) {
                SpinWait.pause(round); // the registration ends after a system call or two
                continue;
            }
            // The same thread as a rule, and storing a reference costs a barrier of the collector.
            if (poller == self) {
                if (state.compareAndSet(now, now | POLLING)) {
                    return;
                }
            } else if (state.compareAndSet(now, now | REGISTERING)) {
                poller = self;
                state.addAndGet(POLLING - REGISTERING);
                return;
            }
        }
    }

    /**
     * Announces a wait.
     *
     * @return false if a wakeup was pending; it is consumed, and the caller must not wait
     */
    boolean park() {
        if (state.compareAndSet(POLLING, POLLING | WAITING)) {
            return true;
        }
        for (; ; ) {
            int now = state.get();
            if ((now & (NOTIFIED | CLOSED)) != 0) {
                takeNotice();
                return false;
            }
            if (state.compareAndSet(now, now | WAITING)) {
                return true;
            }
        }
    }

    /**
     * Ends a wait.
     *
     * @return true if a wakeup arrived; it is consumed
     */
    boolean unpark() {
        return (clear(WAITING | NOTIFIED) & (NOTIFIED | CLOSED)) != 0;
    }

    /**
     * Consumes a pending wakeup without waiting.
     *
     * @return true if a wakeup was pending
     */
    boolean takeNotice() {
        return (state.get() & NOTIFIED) != 0 && (clear(NOTIFIED) & NOTIFIED) != 0;
    }

    /**
     * Signals for every later wakeup and for a pending one, even if the poller does not wait. Call
     * under a claim.
     */
    void watch() {
        for (; ; ) {
            int now = state.get();
            if ((now & WATCHED) != 0) {
                return;
            }
            if (state.compareAndSet(now, now | WATCHED)) {
                if ((now & NOTIFIED) != 0) {
                    signal.run();
                }
                return;
            }
        }
    }

    /** Releases the poller. Frees it if it was closed meanwhile. */
    void exit() {
        if ((clear(POLLING) & CLOSED) != 0) {
            freeIfLast();
        }
    }

    void wakeup() {
        for (; ; ) {
            int now = state.get();
            if ((now & (NOTIFIED | CLOSED)) != 0) {
                return;
            }
            if (notice(now, NOTIFIED)) {
                return;
            }
        }
    }

    void close() {
        for (; ; ) {
            int now = state.get();
            if ((now & CLOSED) != 0) {
                return;
            }
            if (notice(now, CLOSED)) {
                freeIfLast();
                return;
            }
        }
    }

    /**
     * Sets a bit, and signals the poller if it waits or is watched. Returns false if another thread
     * changed the state first.
     */
    private boolean notice(int now, int bit) {
        boolean signals = (now & (WAITING | WATCHED)) != 0;
        if (!state.compareAndSet(now, (now | bit) + (signals ? SIGNAL : 0))) {
            return false;
        }
        if (signals) {
            try {
                signal.run();
            } finally {
                leave(SIGNAL);
            }
        }
        return true;
    }

    private void freeIfLast() {
        int now = state.get();
        if ((now & (POLLING | REGISTERING | FREED)) == 0
                && now < SIGNAL
                && state.compareAndSet(now, now | FREED)) {
            free.run();
        }
    }

    private int clear(int bits) {
        for (; ; ) {
            int now = state.get();
            if (state.compareAndSet(now, now & ~bits)) {
                return now;
            }
        }
    }
}
