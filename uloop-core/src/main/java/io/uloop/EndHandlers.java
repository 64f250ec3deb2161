package io.uloop;

import io.uloop.internal.LoopEnd;
import io.uloop.observe.Callbacks;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The end handlers of one loop. Thread-safe. */
final class EndHandlers {
    private final Set<LoopEnd> handlers = new LinkedHashSet<>();
    private boolean closed;

    /** A call of a handler, which messages name instead of this object. */
    private record Call(LoopEnd handler, LoopTask task) implements LoopTask, Callbacks.Wrapper {
        @Override
        public void run() throws Exception {
            task.run();
        }

        @Override
        public Object wrapped() {
            return handler;
        }

        @Override
        public String kind() {
            return "end handler";
        }
    }

    /** Adds a handler. Returns false if the handlers have already been called. */
    synchronized boolean add(LoopEnd handler) {
        return !closed && handlers.add(handler);
    }

    /** Removes a handler, unless it has been called. */
    synchronized void remove(LoopEnd handler) {
        handlers.remove(handler);
    }

    /** {@return whether a handler has not been called yet} */
    synchronized boolean arePending() {
        return !handlers.isEmpty();
    }

    void shutdownBegins(Consumer<LoopTask> caller) {
        List<LoopEnd> all;
        synchronized (this) {
            all = List.copyOf(handlers);
        }
        all.forEach(handler -> caller.accept(new Call(handler, handler::shutdownBegins)));
    }

    /** Calls each handler once. If one throws an Error, calls the others before rethrowing it. */
    void loopClosed(Consumer<LoopTask> caller) {
        Error first = null;
        for (LoopEnd next = take(); next != null; next = take()) {
            LoopEnd handler = next;
            try {
                caller.accept(
                        new Call(
                                handler,
                                () ->
                                        handler.loopClosed(
                                                call ->
                                                        caller.accept(
                                                                new Call(handler, call::run)))));
            } catch (Error e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private synchronized @Nullable LoopEnd take() {
        closed = true;
        if (handlers.isEmpty()) {
            return null;
        }
        LoopEnd handler = handlers.iterator().next();
        handlers.remove(handler);
        return handler;
    }
}
