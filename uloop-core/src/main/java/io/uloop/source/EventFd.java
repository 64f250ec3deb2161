package io.uloop.source;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.stream.Source;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A kernel counter to which any thread or process can add. The loop's handler receives the sum.
 * Other processes get the descriptor through {@code SCM_RIGHTS} or {@code pidfd_getfd(2)}. Requires
 * a native backend on Linux. Within this JVM, {@link Uloop#execute} works on every backend.
 *
 * <pre>{@code
 * EventFd counter = EventFd.open(loop, count -> counted(count));
 * new Thread(() -> work(counter)).start(); // calls counter.add(1)
 * }</pre>
 *
 * <p>Not thread-safe: call from the loop's thread. {@link #add} and {@link #fd} are thread-safe.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/eventfd.2.html">eventfd(2)</a>
 * @since 0.1
 */
public final class EventFd extends EventSource {
    private final Source source;

    /** Guards the buffer, and keeps the descriptor open during a write. */
    private final Object lock = new Object();

    private final ByteBuffer bytes =
            ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());

    private EventFd(Source source) {
        this.source = source;
    }

    /**
     * Opens a counter with value 0 and registers it.
     *
     * @param loop the loop that calls the handler
     * @param handler receives the sum
     * @return the counter
     * @throws UnsupportedOperationException if the loop's backend does not support eventfd
     * @throws IllegalStateException if the loop is closed
     * @throws IOException EMFILE, ENFILE, ENOMEM or ENOSPC
     */
    public static EventFd open(Uloop loop, CountHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        int opened = Source.open(loop, "eventfd", "use Uloop.execute", io -> io.eventfd(0));
        Source source = new Source(loop, EventFd.class, opened, null);
        Count.join(source, handler);
        return new EventFd(source);
    }

    /**
     * Adds to the counter, which wakes the loop.
     *
     * @param count 1 or more
     * @throws IllegalArgumentException if it is less than 1
     * @throws IllegalStateException if this is closed
     * @throws IOException EAGAIN if the sum that the loop has not read yet would exceed 2^64 - 2;
     *     nothing is added then
     */
    public void add(long count) throws IOException {
        if (count < 1) {
            throw new IllegalArgumentException("a count must be 1 or more, not " + count);
        }
        synchronized (lock) {
            int moved = source.write(bytes.clear().putLong(0, count));
            if (moved == 0) {
                throw new PollerException(
                        "write",
                        "" + count,
                        fd(),
                        Errno.EAGAIN,
                        "the loop has not read the sum yet");
            }
        }
    }

    /**
     * Returns the file descriptor, for example to pass it to another process. The counter still
     * owns and closes it.
     *
     * @return the descriptor; {@link Descriptors#NONE} once this is closed, because the number may
     *     be reused
     */
    public int fd() {
        return source.isOpen() ? source.fd() : Descriptors.NONE;
    }

    /**
     * Deregisters and closes the counter. Idempotent. A sum that has not been read is lost.
     *
     * @throws IOException EIO if closing the descriptor fails
     */
    @Override
    public void close() throws IOException {
        synchronized (lock) {
            source.close();
        }
    }

    @Override
    Source source() {
        return source;
    }
}
