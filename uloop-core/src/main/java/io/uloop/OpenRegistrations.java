package io.uloop;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What is to be closed with a loop. Any thread. */
final class OpenRegistrations {
    private final Set<Registration> open = new LinkedHashSet<>();
    private boolean closed;

    /** Takes one in, unless they have been closed. */
    synchronized boolean add(Registration registration) {
        return !closed && open.add(registration);
    }

    /** False if it was not in. */
    synchronized boolean remove(Registration registration) {
        return open.remove(registration);
    }

    /**
     * Closes them, once; outside of the lock, for each takes locks of its own. One that fails is
     * logged: the others, and whoever closes, are to get on.
     */
    void close() {
        List<Registration> rest;
        synchronized (this) {
            closed = true;
            rest = List.copyOf(open);
            open.clear();
        }
        for (Registration registration : rest) {
            try {
                registration.close();
            } catch (RuntimeException e) {
                Log.error(Failures.describe(registration) + " could not be closed", e);
            }
        }
    }
}
