package io.uloop;

import io.uloop.internal.LoopAccess;
import io.uloop.poller.Poller;
import java.io.IOException;

/**
 * A loop that another loop runs, on the thread of the other one. The other loop is a {@link Uloop},
 * or anything that can wait for a descriptor with a timeout. Requires epoll or kqueue.
 *
 * <pre>{@code
 * EmbeddedLoop.of(inner).runIn(outer); // the outer loop is a Uloop
 *
 * EmbeddedLoop embedded = EmbeddedLoop.of(inner); // the outer loop is any other
 * poller.add(embedded.fd(), UEvent.IN);
 * while (inner.isOpen()) {
 *     poller.poll(embedded.timeoutNanos(), sink);
 *     embedded.run();
 * }
 * }</pre>
 *
 * <p>Other threads may {@link Uloop#execute} tasks on the embedded loop as on any other.
 *
 * <p>Not thread-safe: call from the thread of the other loop.
 *
 * @since 0.1
 */
public final class EmbeddedLoop {
    private final Uloop loop;
    private final LoopAccess inside;
    private final int fd;

    private EmbeddedLoop(Uloop loop) throws IOException {
        this.loop = loop;
        inside = LoopAccess.of(loop);
        fd = inside.fd();
    }

    /**
     * Prepares a loop to be run by another one.
     *
     * @param loop a loop that is not running
     * @return its embedding
     * @throws UnsupportedOperationException if the backend of the loop has no descriptor that
     *     another one can watch, as poll and select
     * @throws IllegalStateException if the loop is closed or running
     * @throws IOException EMFILE, ENFILE, ENOMEM, ENOSPC
     */
    public static EmbeddedLoop of(Uloop loop) throws IOException {
        return new EmbeddedLoop(loop);
    }

    /**
     * Returns the descriptor for which the other loop waits, level-triggered. It is readable while
     * events or tasks of other threads are waiting. Deregister it before closing the loop, which
     * owns and closes it.
     *
     * @return the same number every time
     * @see Poller#fd
     */
    public int fd() {
        return fd;
    }

    /**
     * Returns how long the other loop may wait for the descriptor before it calls {@link #run}. Ask
     * for it before each wait, because a callback of the other loop may have changed it.
     *
     * @return nanoseconds; 0 if something is due, -1 for no limit
     */
    public long timeoutNanos() {
        return inside.timeoutNanos();
    }

    /**
     * Calls what is due, without waiting.
     *
     * @return how many events were dispatched, 0 or more
     * @throws IllegalStateException if the loop is closed or already running
     * @throws IOException if the poll fails; the failure has been logged and reported
     */
    public int run() throws IOException {
        return loop.runOnce(0);
    }

    /**
     * Lets a {@link Uloop} run this loop from now on. The outer loop is not idle before this one
     * is. It may be embedded as well. Ends when the handle is closed, when one of the loops is
     * closed, or if this loop cannot poll.
     *
     * @param outer another loop, on any native backend
     * @return a handle that ends it when closed on the outer loop's thread
     * @throws IllegalArgumentException if it is the same loop
     * @throws UnsupportedOperationException if the outer loop's backend is select
     * @throws IllegalStateException if one of the loops is closed
     * @throws IOException ENOMEM or ENOSPC
     */
    public Handle runIn(Uloop outer) throws IOException {
        if (outer == loop) {
            throw new IllegalArgumentException(loop + " cannot run itself; use another loop");
        }
        return NestedLoop.start(outer, loop, this);
    }

    boolean isIdle() {
        return !loop.isOpen() || inside.isIdle();
    }
}
