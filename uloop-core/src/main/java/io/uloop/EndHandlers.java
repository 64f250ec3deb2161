package io.uloop;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The end handlers of one loop. Thread-safe. */
final class EndHandlers {
    private final Set<LoopEndHandler> handlers = new LinkedHashSet<>();
    private boolean closed;

    /** Adds a handler. Returns false if the handlers have already been called. */
    synchronized boolean add(LoopEndHandler handler) {
        return !closed && handlers.add(handler);
    }

    synchronized void remove(LoopEndHandler handler) {
        handlers.remove(handler);
    }

    /** {@return whether a handler has not been called yet} */
    synchronized boolean arePending() {
        return !handlers.isEmpty();
    }

    void shutdownBegins(Executor caller) {
        List<LoopEndHandler> all;
        synchronized (this) {
            all = List.copyOf(handlers);
        }
        all.forEach(handler -> caller.execute(handler::shutdownBegins));
    }

    /** Calls each handler once. If one throws an Error, calls the others before rethrowing it. */
    void loopClosed(Executor caller) {
        Error first = null;
        for (LoopEndHandler next = take(); next != null; next = take()) {
            LoopEndHandler handler = next;
            try {
                caller.execute(() -> handler.loopClosed(caller));
            } catch (Error e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private synchronized @Nullable LoopEndHandler take() {
        closed = true;
        if (handlers.isEmpty()) {
            return null;
        }
        LoopEndHandler handler = handlers.iterator().next();
        handlers.remove(handler);
        return handler;
    }
}
