package io.uloop.fiber;

import io.uloop.poller.Descriptors;

/**
 * The object with which a thread parks, as {@link java.util.concurrent.locks.LockSupport} calls it
 * its blocker. It tells other threads what the parked one waits for, so that a wait need not record
 * it anywhere else. Thread-safe.
 */
interface Waiting {
    /** Returns the state of a thread that is parked with this. */
    FiberState state();

    /** Returns the descriptor that the thread waits for, or {@link Descriptors#NONE}. */
    default int fd() {
        return Descriptors.NONE;
    }

    /** Returns the events that a thread waits for, or 0. An estimate. */
    default int events(Thread thread) {
        return 0;
    }
}
