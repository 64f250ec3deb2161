package io.uloop.poller.spi;

import io.uloop.poller.ClosedPollerException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Decides which thread may be where in a poller: one that polls or registers, any number that wake
 * it, one close. One word holds all of it, so that each question has one answer.
 *
 * <p>POLLING and REGISTERING exclude each other and themselves, so no two threads ever touch the
 * registration table or the memory that is shared with the kernel at once. A thread that comes
 * second is refused, but a poll waits for a registration to end: the intruder must not end the
 * owner's loop. The sink of a poll registers under the poll's own claim.
 *
 * <p>A wakeup needs the kernel only when the poller is WAITING. Each thread that signals is
 * counted. The last of close, poll, registration and signals to leave frees the poller's
 * descriptors and memory, once: none can hit a descriptor that has been closed and reused.
 */
final class PollGate {
    private static final int POLLING = 1;
    private static final int WAITING = 2;
    private static final int NOTIFIED = 4;
    private static final int CLOSED = 8;
    private static final int FREED = 16;
    private static final int REGISTERING = 32;
    private static final int SIGNAL = 64; // the unit of the count of signals in the upper bits

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

    /** Tells whether a wakeup or close is pending. Any thread. */
    boolean isNoticed() {
        return (state.get() & (NOTIFIED | CLOSED)) != 0;
    }

    /**
     * Claims the poller for one registration, until {@link #release}. Refuses a closed poller, and
     * every thread but the one that polls or registers already.
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
                return; // from the sink: the poll keeps everybody else away
            }
            if ((now & (POLLING | REGISTERING)) != 0) {
                throw new IllegalStateException(
                        "thread "
                                + Thread.currentThread().getName()
                                + " may not touch this poller while another thread is "
                                + ((now & POLLING) != 0
                                        ? "polling it; hand the call over to that thread and wake"
                                                + " it up"
                                        : "changing its registrations; let one thread own the"
                                                + " poller"));
            }
            if (state.compareAndSet(now, now | REGISTERING)) {
                return;
            }
        }
    }

    /** Ends a {@link #hold}; frees the poller if it was closed meanwhile. */
    void release() {
        // Nobody else can have set the bit: the caller polls, or has set it.
        if ((state.get() & REGISTERING) != 0) {
            leave(REGISTERING);
        }
    }

    /** Takes back what was added to the word; frees the poller if it was closed meanwhile. */
    private void leave(int claim) {
        if ((state.addAndGet(-claim) & CLOSED) != 0) {
            freeIfLast();
        }
    }

    /**
     * Claims the poller for one poll, behind a registration that is under way.
     *
     * @throws ClosedPollerException if the poller is closed
     * @throws IllegalStateException if a thread polls already
     */
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
            if ((now & REGISTERING) != 0) {
                Thread.onSpinWait(); // whoever came first registers, and is out in a system call
                // or two
                continue;
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
        if (!state.compareAndSet(now, (now | bit) + (waiting ? SIGNAL : 0))) {
            return false;
        }
        if (waiting) {
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
