package io.uloop.descriptor;

import io.uloop.Uloop;
import io.uloop.internal.LoopAccess;
import io.uloop.poller.Descriptors;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A weak reference to a loop, shared by its descriptors. Thread-safe. */
public final class LoopReference extends WeakReference<Uloop> {
    private final Descriptors io;
    private final AtomicInteger connections;

    private LoopReference(Uloop loop) {
        super(loop);
        io = loop.descriptors();
        connections = LoopAccess.of(loop).connections();
    }

    /**
     * Returns the reference to a loop.
     *
     * @param loop the loop
     * @return the same reference each time
     */
    public static LoopReference of(Uloop loop) {
        ConcurrentMap<Class<?>, Object> attached = LoopAccess.of(loop).attachments();
        if (attached.get(LoopReference.class) instanceof LoopReference known) {
            return known;
        }
        Object first =
                attached.computeIfAbsent(LoopReference.class, key -> new LoopReference(loop));
        return (LoopReference) first;
    }

    /**
     * Changes the number of open connections of the loop.
     *
     * @param change added to the number
     */
    public void connections(int change) {
        connections.addAndGet(change);
    }

    /** {@return the I/O of the loop's backend} */
    Descriptors io() {
        return io;
    }
}
