package io.uloop.fiber;

import java.util.concurrent.locks.AbstractQueuedSynchronizer;

/**
 * Lets operations of one kind take place one after the other. Not reentrant, and one object where a
 * {@link java.util.concurrent.locks.ReentrantLock} is two, because each channel has one or two of
 * them and takes one for every operation. Thread-safe.
 */
final class OperationLock extends AbstractQueuedSynchronizer {
    private static final long serialVersionUID = 1;

    private static final int FREE = 0;
    private static final int TAKEN = 1;

    /** Waits until no other thread holds the lock, and takes it. */
    void lock() throws InterruptedException {
        acquireInterruptibly(TAKEN);
    }

    /** Takes the lock if no thread holds it. */
    boolean tryLock() {
        return tryAcquire(TAKEN);
    }

    void unlock() {
        boolean unused = release(FREE);
    }

    @Override
    protected boolean tryAcquire(int taken) {
        return compareAndSetState(FREE, taken);
    }

    @Override
    protected boolean tryRelease(int free) {
        setState(free);
        return true;
    }
}
