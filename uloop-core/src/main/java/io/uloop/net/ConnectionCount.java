package io.uloop.net;

import io.uloop.observe.LimitedLog;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many accepted connections of a listener are open. They are closed by any thread and may
 * outlive the listener, which is why they hold this and not the listener.
 */
final class ConnectionCount {
    final Origin origin = Origin.ofConnections();

    /** Accepted connections that were collected open: a peer decides how many there are. */
    final LimitedLog forgotten =
            new LimitedLog(OwnedDescriptor.LOGGER, System.Logger.Level.WARNING, 3, true);

    private final AtomicInteger open = new AtomicInteger();
    private final WeakReference<Listener<?>> listener;

    ConnectionCount(Listener<?> listener) {
        this.listener = new WeakReference<>(listener);
    }

    int open() {
        return open.get();
    }

    void opened() {
        open.incrementAndGet();
    }

    void closed() {
        open.decrementAndGet();
        Listener<?> waiting = listener.get();
        if (waiting != null) {
            waiting.connectionClosed();
        }
    }
}
