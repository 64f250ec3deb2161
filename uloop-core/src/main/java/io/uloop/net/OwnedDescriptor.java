package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.observe.SafeLog;
import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Owns the descriptor of one channel. If the channel is collected open, closes the descriptor and
 * logs the leak.
 *
 * <p>This holds neither the channel nor, strongly, the loop. The cleaner holds this object, so they
 * would never be collected.
 */
final class OwnedDescriptor implements Runnable {
    static final System.Logger LOGGER = System.getLogger("io.uloop.net");

    final Descriptors io;
    final int fd;
    final WeakReference<Uloop> loop;
    private final Class<?> type;
    private final Origin origin;
    private final @Nullable ConnectionCount count;
    private boolean registered;
    private volatile boolean closed;

    /**
     * @param count decremented on close; null if the channel is not counted
     */
    OwnedDescriptor(
            Class<?> type,
            Descriptors io,
            int fd,
            WeakReference<Uloop> loop,
            @Nullable ConnectionCount count) {
        this.type = type;
        this.io = io;
        this.fd = fd;
        this.loop = loop;
        this.count = count;
        origin = count == null ? Origin.here() : Origin.accepted(count.origin);
    }

    boolean isOpen() {
        return !closed;
    }

    void registered() {
        registered = true;
    }

    /** Deregisters the descriptor. Does nothing if it is not registered or the loop is closed. */
    void leave(Uloop from) throws IOException {
        if (!registered) {
            return;
        }
        try {
            if (from.isOpen()) {
                from.remove(fd);
            }
        } catch (PollerException e) {
            if (e.errno() != Errno.ENOENT) { // already removed by its number
                throw e;
            }
        } catch (ClosedPollerException e) {
            // Closed meanwhile. A closed loop has no registrations.
        }
        registered = false;
    }

    /** Deregisters the descriptor and closes it. Idempotent. */
    void close(Uloop from) throws IOException {
        synchronized (this) {
            if (closed) {
                return;
            }
            leave(from);
            closed = true;
        }
        release();
    }

    /** Called on the cleaner's thread after the channel was closed or collected. */
    @Override
    public void run() {
        if (closed) {
            return;
        }
        Uloop watching = registered ? loop.get() : null;
        try {
            if (watching == null) {
                closeForgotten(null);
            } else {
                var unused =
                        watching.submit(() -> closeForgotten(watching))
                                .exceptionally(e -> closeForgotten(null));
            }
        } catch (RejectedExecutionException e) { // a closed loop has no registrations
            closeForgotten(null);
        }
    }

    private @Nullable Void closeForgotten(@Nullable Uloop watching) {
        if (closed) {
            return null;
        }
        String failure = "";
        try {
            if (watching != null) {
                close(watching);
            } else {
                closed = true;
                release();
            }
        } catch (IOException e) {
            failure = "; " + e.getMessage();
        }
        String message =
                describe()
                        + " was garbage-collected open: call close"
                        + failure
                        + origin.describe();
        if (count == null) {
            SafeLog.write(LOGGER, System.Logger.Level.WARNING, message, origin.stack());
        } else {
            count.forgotten.log(() -> message, origin.stack());
        }
        return null;
    }

    private void release() throws IOException {
        try {
            io.close(fd);
        } finally {
            if (count != null) {
                count.closed();
            }
        }
    }

    String describe() {
        return type.getSimpleName() + "[fd=" + fd + (closed ? ", closed" : "") + ']';
    }
}
