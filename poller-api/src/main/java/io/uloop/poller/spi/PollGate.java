package io.uloop.poller.spi;

import io.uloop.poller.ClosedPollerException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Who may be where in a poller: one polling thread, any number of threads that wake it, one close.
 * One word holds it all, so that each question has one answer.
 *
 * <p>A wakeup needs the kernel only when the poller is WAITING. A thread that signals is counted,
 * so is one that registers, and the poller's descriptors are freed, once, by the last of close,
 * poll and the counted ones to leave: none can hit a descriptor that has been closed and reused.
 */
final class PollGate {
    private static final int POLLING = 1;
    private static final int WAITING = 2;
    private static final int NOTIFIED = 4;
    private static final int CLOSED = 8;
    private static final int FREED = 16;
    private static final int IN_USE = 32; // the unit of the count in the upper bits

    private final AtomicInteger state = new AtomicInteger();
    private final Runnable signal;
    private final Runnable free;

    // Written by the polling thread alone; others only compare it with themselves.
    private volatile @Nullable Thread poller;

    /**
     * @param signal ends the kernel's wait; any thread, while not freed
     * @param free releases the poller's descriptors; called once
     */
    PollGate(Runnable signal, Runnable free) {
        this.signal = signal;
        this.free = free;
    }

    boolean isClosed() {
        return (state.get() & CLOSED) != 0;
    }

    /**
     * Keeps the poller from being freed until {@link #release}. Refuses a closed poller, and a
     * thread other than the one that polls.
     */
    void hold() {
        for (; ; ) {
            int now = state.get();
            if ((now & CLOSED) != 0) {
                throw new ClosedPollerException();
            }
            if ((now & POLLING) != 0 && poller != Thread.currentThread()) {
                throw new IllegalStateException(
                        "thread "
                                + Thread.currentThread().getName()
                                + " may not touch this poller while another thread is polling it;"
                                + " hand the call over to that thread and wake it up");
            }
            if (state.compareAndSet(now, now + IN_USE)) {
                return;
            }
        }
    }

    /** Ends a {@link #hold}; frees the poller if it was closed meanwhile. */
    void release() {
        if ((state.addAndGet(-IN_USE) & CLOSED) != 0) {
            freeIfLast();
        }
    }

    /** Takes the poller for one poll. */
    void enter() {
        for (; ; ) {
            int now = state.get();
            if ((now & CLOSED) != 0) {
                throw new ClosedPollerException();
            }
            if ((now & POLLING) != 0) {
                throw new IllegalStateException(
                        poller == Thread.currentThread()
                                ? "poll from inside a sink of the same poller; return from the sink"
                                        + " first"
                                : "another thread is polling this poller; use one poller per"
                                        + " thread");
            }
            if (state.compareAndSet(now, now | POLLING)) {
                poller = Thread.currentThread();
                return;
            }
        }
    }

    /**
     * Announces a wait.
     *
     * @return false if a wakeup is pending, which is taken: do not wait
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
     * @return true if a wakeup came, which is taken
     */
    boolean unpark() {
        return (clear(WAITING | NOTIFIED) & (NOTIFIED | CLOSED)) != 0;
    }

    /**
     * Takes a pending wakeup without waiting.
     *
     * @return true if there was one
     */
    boolean takeNotice() {
        return (state.get() & NOTIFIED) != 0 && (clear(NOTIFIED) & NOTIFIED) != 0;
    }

    /** Gives the poller back; frees it if it was closed meanwhile. */
    void exit() {
        poller = null;
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

    /** Sets a bit and, if the poller waits, signals it. False if another thread was faster. */
    private boolean notice(int now, int bit) {
        boolean waiting = (now & WAITING) != 0;
        if (!state.compareAndSet(now, (now | bit) + (waiting ? IN_USE : 0))) {
            return false;
        }
        if (waiting) {
            try {
                signal.run();
            } finally {
                release();
            }
        }
        return true;
    }

    private void freeIfLast() {
        int now = state.get();
        if ((now & (POLLING | FREED)) == 0
                && now < IN_USE
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
