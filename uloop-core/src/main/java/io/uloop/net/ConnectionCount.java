package io.uloop.net;

import io.uloop.observe.LimitedLog;
import io.uloop.owner.Origin;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the open connections of a listener. Connections are closed by any thread and may outlive
 * the listener, so they refer to this object instead of the listener. Thread-safe.
 */
final class ConnectionCount {
    /** Waits for connections to close. */
    interface Watcher {
        /** Called by any thread after a connection was closed. */
        void connectionClosed();
    }

    final Origin origin = Origin.ofConnections();

    /** The class of the connections. */
    final Class<?> type;

    /**
     * Limits the log of accepted connections that were collected open, because a peer decides their
     * number.
     */
    final LimitedLog forgotten =
            new LimitedLog(System.getLogger("io.uloop.net"), System.Logger.Level.WARNING, 3, true);

    private final AtomicInteger open = new AtomicInteger();
    private final WeakReference<Watcher> watcher;

    ConnectionCount(Class<?> type, Watcher watcher) {
        this.type = type;
        this.watcher = new WeakReference<>(watcher);
    }

    int open() {
        return open.get();
    }

    void opened() {
        open.incrementAndGet();
    }

    void closed() {
        open.decrementAndGet();
        Watcher waiting = watcher.get();
        if (waiting != null) {
            waiting.connectionClosed();
        }
    }
}
