package io.uloop.net;

import io.uloop.descriptor.Origin;
import io.uloop.observe.LimitedLog;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the open connections of a listener. Connections are closed by any thread and may outlive
 * the listener, so they refer to this object instead of the listener. Thread-safe.
 */
final class ConnectionCount {
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
    private final WeakReference<Listener<?>> listener;

    ConnectionCount(Listener<?> listener) {
        type = listener instanceof UnixListener ? UnixChannel.class : TcpChannel.class;
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
