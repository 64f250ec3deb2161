package io.uloop.descriptor;

import java.lang.ref.ReferenceQueue;
import org.jspecify.annotations.Nullable;

/**
 * The open descriptors of all loops, and a thread that closes those whose owner was collected.
 * Thread-safe.
 *
 * <p>A {@link java.lang.ref.Cleaner} would do the same with two more objects per descriptor, which
 * programs with many idle connections notice.
 */
final class Forgotten {
    static final ReferenceQueue<Object> QUEUE = new ReferenceQueue<>();

    /** The first of a list, which keeps the references reachable. Guarded by the class. */
    private static @Nullable OwnedDescriptor first;

    static {
        Thread thread = new Thread(null, Forgotten::closeAll, "uloop-cleaner", 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        thread.start();
    }

    private Forgotten() {}

    static synchronized void add(OwnedDescriptor descriptor) {
        descriptor.next = first;
        if (first != null) {
            first.previous = descriptor;
        }
        first = descriptor;
    }

    static synchronized void remove(OwnedDescriptor descriptor) {
        OwnedDescriptor before = descriptor.previous;
        OwnedDescriptor after = descriptor.next;
        if (before != null) {
            before.next = after;
        } else {
            first = after;
        }
        if (after != null) {
            after.previous = before;
        }
        descriptor.previous = null;
        descriptor.next = null;
    }

    private static void closeAll() {
        while (true) {
            try {
                ((OwnedDescriptor) QUEUE.remove()).forgotten();
            } catch (InterruptedException e) {
                // Nobody interrupts this thread.
            } catch (RuntimeException | Error e) { // the other descriptors must still be closed
                Thread self = Thread.currentThread();
                self.getUncaughtExceptionHandler().uncaughtException(self, e);
            }
        }
    }
}
