package io.uloop.poller.spi;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Excludes other threads from a few instructions. Unlike a monitor it is never given to a virtual
 * thread that cannot run before another one that waits. The instructions must contain no other
 * lock, which could suspend a virtual thread that holds this one. Not reentrant. Thread-safe.
 *
 * @since 0.1
 */
public final class SpinLock {
    private static final VarHandle TAKEN;

    static {
        try {
            TAKEN = MethodHandles.lookup().findVarHandle(SpinLock.class, "taken", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile boolean taken;

    /** Creates a lock that no thread holds. */
    public SpinLock() {}

    /** Waits until no other thread holds the lock, and takes it. Ignores interrupts. */
    public void lock() {
        for (int round = 0; taken || !TAKEN.compareAndSet(this, false, true); round++) {
            SpinWait.pause(round);
        }
    }

    /** Releases the lock. */
    public void unlock() {
        taken = false;
    }
}
