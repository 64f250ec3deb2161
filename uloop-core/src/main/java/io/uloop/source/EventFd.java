package io.uloop.source;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A counter of the kernel. Whoever has it adds, any thread here and any process that is given the
 * descriptor, by {@code SCM_RIGHTS} or {@code pidfd_getfd(2)}; the loop takes the sum. Native
 * backends on Linux; within this JVM {@link Uloop#execute} is there on every backend.
 *
 * <p>{@link #add} is for any thread. Everything else is for the thread that runs the loop, or while
 * none does for any one thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/eventfd.2.html">eventfd(2)</a>
 */
public final class EventFd implements AutoCloseable {
    private final Source source;

    /** Guards the buffer, and the number against a close while it is written to. */
    private final Object lock = new Object();

    private final ByteBuffer bytes =
            ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());

    private EventFd(Source source) {
        this.source = source;
    }

    /**
     * Opens a counter at 0 and joins the loop.
     *
     * @param loop the loop that will call
     * @param handler gets the sum of what was added
     * @return the counter
     * @throws UnsupportedOperationException if the loop's backend has no such counters
     * @throws IllegalStateException if another thread runs the loop, or it is closed
     * @throws IOException EMFILE, ENFILE; ENOMEM, ENOSPC
     */
    public static EventFd open(Uloop loop, CountHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        Descriptors descriptors = loop.descriptors();
        Source source =
                Source.opened(loop, "eventfd", "use Uloop.execute", () -> descriptors.eventfd(0));
        Count.join(source, handler);
        return new EventFd(source);
    }

    /**
     * Adds to the counter, which wakes the loop. Any thread.
     *
     * @param count 1 or more
     * @throws IllegalArgumentException if it is less
     * @throws IllegalStateException if this is closed
     * @throws IOException EAGAIN if the sum that the loop has not taken yet would pass 2^64 - 2;
     *     then nothing was added
     */
    public void add(long count) throws IOException {
        if (count < 1) {
            throw new IllegalArgumentException("a counter adds 1 or more, not " + count);
        }
        synchronized (lock) {
            source.requireOpen();
            int moved = source.descriptors().write(fd(), bytes.clear().putLong(0, count));
            if (moved == 0) {
                throw new PollerException(
                        "write", "" + count, fd(), "EAGAIN", "the loop has not taken the sum yet");
            }
        }
    }

    /**
     * Returns the number of its descriptor, to pass it to another process. It stays this counter's
     * to close. Any thread.
     *
     * @return the descriptor; {@link Descriptors#NONE} once this is closed, because the number may
     *     be another file's
     */
    public int fd() {
        return source.isOpen() ? source.fd() : Descriptors.NONE;
    }

    /**
     * Leaves the loop and closes the counter; what the loop has not taken is lost. Any number of
     * times.
     *
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException EIO
     */
    @Override
    public void close() throws IOException {
        synchronized (lock) {
            source.close();
        }
    }

    @Override
    public String toString() {
        return source.describe("EventFd");
    }
}
