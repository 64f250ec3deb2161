package io.uloop.poller.posix.memory;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * A value for each thread, which lives as long as both the thread and this object. A {@link
 * ThreadLocal} alone would keep the class loader of the value as long as the thread, and threads of
 * a server outlive the programs that it deploys. Thread-safe.
 *
 * @param <T> the type of the values, which must not refer to their threads
 */
public final class PerThread<T> {
    private final Supplier<T> initial;

    @SuppressWarnings("ThreadLocalUsage") // an instance ends with the provider, not with the class
    private final ThreadLocal<WeakReference<T>> references = new ThreadLocal<>();

    /** Without locks, because fibers, callbacks and other threads share it. */
    private final Set<Kept<T>> values =
            new ConcurrentSkipListSet<>(Comparator.comparingLong(kept -> kept.number));

    private final AtomicLong numbers = new AtomicLong();
    private final ReferenceQueue<Thread> ended = new ReferenceQueue<>();

    /**
     * Creates an object without values.
     *
     * @param initial creates the value of a thread
     */
    public PerThread(Supplier<T> initial) {
        this.initial = initial;
    }

    /** A value and its thread. */
    private static final class Kept<T> extends WeakReference<Thread> {
        final long number;
        final T value;

        Kept(long number, Thread thread, T value, ReferenceQueue<Thread> ended) {
            super(thread, ended);
            this.number = number;
            this.value = value;
        }
    }

    /** {@return the value of this thread} */
    public T get() {
        WeakReference<T> reference = references.get();
        T value = reference == null ? null : reference.get();
        return value == null ? create() : value;
    }

    private T create() {
        boolean unused = dropEnded();
        Kept<T> kept =
                new Kept<>(numbers.getAndIncrement(), Thread.currentThread(), newValue(), ended);
        values.add(kept);
        references.set(new WeakReference<>(kept.value));
        return kept.value;
    }

    /**
     * Creates a value, if need be in the memory of those whose threads have ended. When there is
     * not enough direct memory, the JDK lets the collector find those threads before it throws.
     */
    private T newValue() {
        try {
            return initial.get();
        } catch (OutOfMemoryError e) {
            if (dropEnded()) {
                return initial.get();
            }
            throw e;
        }
    }

    /** Drops the values of threads that have been collected. Returns whether there were any. */
    private boolean dropEnded() {
        boolean dropped = false;
        for (Reference<?> next = ended.poll(); next != null; next = ended.poll()) {
            dropped |= values.remove(next);
        }
        return dropped;
    }
}
