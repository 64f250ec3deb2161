package io.uloop;

import io.uloop.observe.Log;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What to do when a loop is closed. Thread-safe. */
final class CloseActions {
    private final Set<Runnable> actions = new LinkedHashSet<>();
    private boolean closed;

    /** Adds an action, unless they have been run. */
    synchronized boolean add(Runnable action) {
        return !closed && actions.add(action);
    }

    /** Removes an action. Returns false if it is not present. */
    synchronized boolean remove(Runnable action) {
        return actions.remove(action);
    }

    /**
     * Runs the actions once. Holds no lock meanwhile, because each of them takes its own locks.
     * Logs a failure, so that the others run and the caller continues.
     */
    void run() {
        List<Runnable> rest;
        synchronized (this) {
            closed = true;
            rest = List.copyOf(actions);
            actions.clear();
        }
        for (Runnable action : rest) {
            try {
                action.run();
            } catch (RuntimeException e) {
                Log.error("cannot close " + Failures.describe(action), e);
            }
        }
    }
}
