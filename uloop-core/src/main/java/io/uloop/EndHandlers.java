package io.uloop;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The handlers of one loop's end. Thread-safe. */
final class EndHandlers {
    private final Set<LoopEndHandler> handlers = new LinkedHashSet<>();
    private boolean closed;

    /** Takes one in; false if their time is over. */
    synchronized boolean add(LoopEndHandler handler) {
        return !closed && handlers.add(handler);
    }

    synchronized void remove(LoopEndHandler handler) {
        handlers.remove(handler);
    }

    /** Whether there is one that has not been called. */
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

    /** Calls each once. An error stops none of the others and is thrown behind them. */
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
