package io.uloop.owner;

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

    /** The first of a list, which keeps the references reachable. Guarded by the class. */
    private static @Nullable OwnerReference first;

    /** Whether there is a thread. Guarded by the class. */
    private static boolean running;

    private Forgotten() {}

    static synchronized void add(OwnerReference reference) {
        reference.next = first;
        if (first != null) {
            first.previous = reference;
        }
        first = reference;
        if (!running) {
            start();
            running = true;
        }
    }

    private static void start() {
        Thread thread = new Thread(null, Forgotten::closeAll, "uloop-cleaner", 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        thread.start();
    }

    /** Removes a reference if present. */
    static synchronized void remove(OwnerReference reference) {
        OwnerReference before = reference.previous;
        OwnerReference after = reference.next;
        if (before != null) {
            before.next = after;
        } else if (first == reference) {
            first = after;
            if (after == null) {
                new WeakReference<>(QUEUE, QUEUE).enqueue(); // wakes the thread
            }
        }
        if (after != null) {
            after.previous = before;
        }
        reference.previous = null;
        reference.next = null;
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

    private static synchronized boolean isAnythingOpen() {
        return first != null;
    }

    /** Lets the thread end unless something was opened. */
    private static synchronized boolean end() {
        running = first != null;
        return !running;
    }
}
