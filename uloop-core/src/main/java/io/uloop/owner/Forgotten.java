package io.uloop.owner;

import io.uloop.poller.spi.SpinLock;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * What is open in this process, and a thread that closes it if its owner was collected. The thread
 * runs while something is open, because it keeps the class loader of this class. Thread-safe.
 *
 * <p>A {@link java.lang.ref.Cleaner} would do the same with two more objects per descriptor, which
 * programs with many idle connections notice.
 */
final class Forgotten {
    static final ReferenceQueue<Object> QUEUE = new ReferenceQueue<>();

    /** How long the thread waits for something to be opened before it ends. */
    private static final long LINGER_MILLIS = 1000;

    /** Each descriptor takes it twice. Fibers, callbacks and other threads share it. */
    private static final SpinLock LOCK = new SpinLock();

    /** The first of a list, which keeps the references reachable. Guarded by the lock. */
    private static @Nullable OwnerReference first;

    /** Whether there is a thread. Guarded by the lock. */
    private static boolean running;

    private Forgotten() {}

    static void add(OwnerReference reference) {
        LOCK.lock();
        reference.next = first;
        if (first != null) {
            first.previous = reference;
        }
        first = reference;
        boolean starts = !running;
        running = true;
        LOCK.unlock();
        if (starts) {
            start();
        }
    }

    private static void start() {
        try {
            Thread thread = new Thread(null, Forgotten::closeAll, "uloop-cleaner", 0, false);
            thread.setDaemon(true);
            thread.setContextClassLoader(null);
            thread.start();
        } catch (RuntimeException | Error e) { // no memory for a thread; the next one tries again
            LOCK.lock();
            running = false;
            LOCK.unlock();
            throw e;
        }
    }

    /** Removes a reference if present. */
    static void remove(OwnerReference reference) {
        LOCK.lock();
        OwnerReference before = reference.previous;
        OwnerReference after = reference.next;
        boolean last = false;
        if (before != null) {
            before.next = after;
        } else if (first == reference) {
            first = after;
            last = after == null;
        }
        if (after != null) {
            after.previous = before;
        }
        reference.previous = null;
        reference.next = null;
        LOCK.unlock();
        if (last) {
            new WeakReference<>(QUEUE, QUEUE).enqueue(); // wakes the thread
        }
    }

    private static void closeAll() {
        boolean ended = false;
        while (!ended) {
            try {
                Reference<?> next = QUEUE.remove(isAnythingOpen() ? 0 : LINGER_MILLIS);
                if (next instanceof OwnerReference owner) {
                    owner.forgotten();
                }
                ended = next == null && end();
            } catch (InterruptedException e) {
                // Nobody interrupts this thread.
            } catch (RuntimeException | Error e) { // the others must still be closed
                Thread self = Thread.currentThread();
                self.getUncaughtExceptionHandler().uncaughtException(self, e);
            }
        }
    }

    private static boolean isAnythingOpen() {
        LOCK.lock();
        boolean open = first != null;
        LOCK.unlock();
        return open;
    }

    /** Lets the thread end unless something was opened. */
    private static boolean end() {
        LOCK.lock();
        boolean ends = first == null;
        running = !ends;
        LOCK.unlock();
        return ends;
    }
}
