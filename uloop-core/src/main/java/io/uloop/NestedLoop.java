package io.uloop;

import io.uloop.internal.LoopAccess;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A loop that a {@link Uloop} runs: when its descriptor is readable, and when its next timer is
 * due. A hook asks for that before each wait, because any callback may have changed it.
 *
 * <p>Not thread-safe: call from the outer loop's thread.
 */
final class NestedLoop implements Handle {
    private final Uloop outer;
    private final Uloop inner;
    private final EmbeddedLoop embedded;
    private final BooleanSupplier idle;
    private final Registration registration;
    private final Timer timer;
    private final Handle hook;
    private @Nullable Handle innerClose;
    private boolean closed;

    private NestedLoop(Uloop outer, Uloop inner, EmbeddedLoop embedded) throws IOException {
        this.outer = outer;
        this.inner = inner;
        this.embedded = embedded;
        idle = embedded::isIdle;
        registration = outer.add(embedded.fd(), UEvent.IN, (fd, events) -> run()).unref();
        timer = outer.callLater(Duration.ZERO, this::run).unref();
        hook = outer.beforePoll(this::setTimer);
        LoopAccess.of(outer).addIdleness(idle);
    }

    static Handle start(Uloop outer, Uloop inner, EmbeddedLoop embedded) throws IOException {
        NativeDescriptors.of(outer.provider()); // others cannot watch a descriptor of the kernel
        outer.checkThread();
        NestedLoop nested = new NestedLoop(outer, inner, embedded);
        try {
            nested.innerClose = LoopClose.on(inner, nested::innerClosed);
        } catch (ClosedLoopException e) {
            nested.close();
            throw e;
        }
        return nested;
    }

    private void run() throws IOException {
        if (!inner.isOpen()) {
            close();
            return;
        }
        try {
            embedded.run();
        } catch (ClosedLoopException e) {
            // Another thread has just closed the inner loop. innerClosed follows.
        } catch (IOException e) {
            close(); // it would fail in every turn
            throw e;
        }
    }

    private void setTimer() {
        if (!inner.isOpen()) {
            return; // innerClosed follows
        }
        long timeoutNanos = embedded.timeoutNanos();
        if (timeoutNanos >= 0) {
            timer.rescheduleNanos(timeoutNanos);
        } else {
            timer.close();
        }
    }

    /** Any thread may close the inner loop. */
    private void innerClosed() {
        if (outer.inLoop()) {
            close();
            return;
        }
        try {
            outer.execute(this::close);
        } catch (RejectedExecutionException e) {
            // The outer loop is closed, too.
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        outer.checkThread();
        closed = true;
        registration.close();
        timer.close();
        hook.close();
        LoopAccess.of(outer).removeIdleness(idle);
        if (innerClose != null) {
            innerClose.close();
        }
    }
}
