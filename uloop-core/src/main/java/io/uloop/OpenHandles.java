package io.uloop;

import io.uloop.observe.Log;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The handles that a loop closes when it is closed. Thread-safe. */
final class OpenHandles {
    private final Set<Handle> open = new LinkedHashSet<>();
    private boolean closed;

    /** Adds a handle, unless they have been closed. */
    synchronized boolean add(Handle handle) {
        return !closed && open.add(handle);
    }

    /** Removes a handle. Returns false if it is not present. */
    synchronized boolean remove(Handle handle) {
        return open.remove(handle);
    }

    /**
     * Closes the handles once. Holds no lock meanwhile, because each of them takes its own locks.
     * Logs a failure, so that the others are closed and the caller continues.
     */
    void close() {
        List<Handle> rest;
        synchronized (this) {
            closed = true;
            rest = List.copyOf(open);
            open.clear();
        }
        for (Handle handle : rest) {
            try {
                handle.close();
            } catch (RuntimeException e) {
                Log.error("cannot close " + Failures.describe(handle), e);
            }
        }
    }
}
