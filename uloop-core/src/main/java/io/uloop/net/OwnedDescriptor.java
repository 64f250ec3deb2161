package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.observe.SafeLog;
import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The descriptor of one channel, and what becomes of it when the channel is forgotten open. It
 * knows neither the channel nor, strongly, the loop: the cleaner holds it, and what it held would
 * never be collected.
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
     * @param count told of the close; null if nobody counts
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

    /** Leaves the loop; nothing if not registered or if the loop is closed. */
    void leave(Uloop from) throws IOException {
        if (!registered) {
            return;
        }
        try {
            if (from.isOpen()) {
                from.remove(fd);
            }
        } catch (PollerException e) {
            if (!e.errno().equals("ENOENT")) { // removed by its number, which is what is wanted
                throw e;
            }
        } catch (ClosedPollerException e) {
            // Closed since the question: a closed loop watches nothing, there is nothing to leave.
        }
        registered = false;
    }

    /** Leaves the loop, then closes the descriptor; nothing the second time. */
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

    /** On the cleaner's thread, after the channel has been closed or collected. */
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
        } catch (RejectedExecutionException e) { // a closed loop watches nothing
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
                describe() + " was forgotten open: call close" + failure + origin.describe();
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
