package io.uloop;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The registrations that a loop closes when it is closed. Thread-safe. */
final class OpenRegistrations {
    private final Set<Registration> open = new LinkedHashSet<>();
    private boolean closed;

    /** Adds a registration, unless they have been closed. */
    synchronized boolean add(Registration registration) {
        return !closed && open.add(registration);
    }

    /** Removes a registration. Returns false if it is not present. */
    synchronized boolean remove(Registration registration) {
        return open.remove(registration);
    }

    /**
     * Closes the registrations once. Holds no lock meanwhile, because each of them takes its own
     * locks. Logs a failure, so that the others are closed and the caller continues.
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
                Log.error("cannot close " + Failures.describe(registration), e);
            }
        }
    }
}
