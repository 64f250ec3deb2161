package io.uloop.owner;

import java.lang.ref.ReferenceQueue;
import org.jspecify.annotations.Nullable;

/**
 * What is open in this process, and a thread that closes it if its owner was collected.
 * Thread-safe.
 *
 * <p>A {@link java.lang.ref.Cleaner} would do the same with two more objects per descriptor, which
 * programs with many idle connections notice.
 */
final class Forgotten {
    static final ReferenceQueue<Object> QUEUE = new ReferenceQueue<>();

    /** The first of a list, which keeps the references reachable. Guarded by the class. */
    private static @Nullable OwnerReference first;

    static {
        Thread thread = new Thread(null, Forgotten::closeAll, "uloop-cleaner", 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        thread.start();
    }

    private Forgotten() {}

    static synchronized void add(OwnerReference reference) {
        reference.next = first;
        if (first != null) {
            first.previous = reference;
        }
        first = reference;
    }

    /** Removes a reference if present. */
    static synchronized void remove(OwnerReference reference) {
        OwnerReference before = reference.previous;
        OwnerReference after = reference.next;
        if (before != null) {
            before.next = after;
        } else if (first == reference) {
            first = after;
        }
        if (after != null) {
            after.previous = before;
        }
        reference.previous = null;
        reference.next = null;
    }

    private static void closeAll() {
        while (true) {
            try {
                ((OwnerReference) QUEUE.remove()).forgotten();
            } catch (InterruptedException e) {
                // Nobody interrupts this thread.
            } catch (RuntimeException | Error e) { // the others must still be closed
                Thread self = Thread.currentThread();
                self.getUncaughtExceptionHandler().uncaughtException(self, e);
            }
        }
    }
}
