package io.uloop.source;

import io.uloop.Uloop;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * The reading end of a FIFO. It waits for a first writer, and ends when the last one goes: then
 * {@link #reopen} goes on for the next. With {@link #hold} it does not end at all. Native backends.
 *
 * <p>For the thread that runs the loop, or while none does for any one thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/fifo.7.html">fifo(7)</a>
 */
public final class FifoReader implements AutoCloseable {
    /**
     * Reads per turn at most. They go on until nothing is there, without an event if a pause or a
     * failure comes between: a descriptor that was opened between two writers does not tell by HUP
     * that what the former left is all.
     */
    private static final int MAX_READS = 64;

    private final Path path;
    private final Input input;
    private Source source;
    private int heldEnd = -1;

    /** Whether bytes have come and the reads after them are still to be made. */
    private boolean readsOn;

    private FifoReader(Path path, Input input, Source source) {
        this.path = path;
        this.input = input;
        this.source = source;
    }

    /**
     * Opens a FIFO, whether or not anybody writes to it, and joins the loop.
     *
     * @param loop the loop that will call
     * @param path a FIFO, as {@code mkfifo} makes them
     * @param handler gets what is written
     * @return the reading end
     * @throws UnsupportedOperationException if the loop's backend has no FIFOs
     * @throws IllegalStateException if another thread runs the loop, or it is closed
     * @throws IOException ENOENT, EACCES, EMFILE; EINVAL if it is no FIFO; ENOMEM, ENOSPC
     */
    public static FifoReader open(Uloop loop, Path path, InputHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        Source source = Fifo.open(loop, path, StandardOpenOption.READ);
        FifoReader reader = new FifoReader(path, new Input(handler), source);
        source.joinOrClose(UEvent.IN, reader::read);
        return reader;
    }

    /**
     * Holds a writing end too from now on, so that the last writer's going is no end. Nothing the
     * second time.
     *
     * @throws IllegalStateException if this is closed
     * @throws IOException EACCES without the right to write; EMFILE; ENOENT if the path is gone
     */
    public void hold() throws IOException {
        source.requireOpen();
        if (heldEnd < 0) {
            heldEnd = source.descriptors().open(path, StandardOpenOption.WRITE);
        }
    }

    /**
     * Opens the path anew and waits for the next writer. What one has written meanwhile is kept.
     * For {@link InputHandler#ended}, or after it.
     *
     * @throws IllegalStateException if this is closed
     * @throws IOException as {@link #open}; then this goes on as it was
     */
    public void reopen() throws IOException {
        source.requireOpen();
        Source former = source;
        Source fresh = Fifo.open(former.loop(), path, StandardOpenOption.READ);
        fresh.joinOrClose(UEvent.IN, this::read);
        source = fresh;
        readsOn = false;
        input.restart();
        former.close(); // last, because a FIFO that nobody has open forgets what is in it
    }

    /**
     * Takes nothing until {@link #resume}; writers come to wait once the FIFO is full.
     *
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException never; declared because the loop's remove does
     */
    public void pause() throws IOException {
        source.leave();
    }

    /**
     * Takes again what is written. Nothing if not paused, or after the end.
     *
     * @throws IllegalStateException if this is closed or another thread runs the loop
     * @throws IOException ENOMEM, ENOSPC
     */
    public void resume() throws IOException {
        input.resume(source, this::read);
        readOnSoon();
    }

    /**
     * Leaves the loop and closes what was opened. Any number of times.
     *
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException EIO
     */
    @Override
    public void close() throws IOException {
        source.close();
        if (heldEnd >= 0) {
            int fd = heldEnd;
            heldEnd = -1;
            source.descriptors().close(fd);
        }
    }

    @Override
    public String toString() {
        return source.describe("FifoReader");
    }

    private void read(int fd, int events) throws Exception {
        Source current = source;
        readsOn = true;
        try {
            for (int i = 0; readsOn && i < MAX_READS && current.isJoined(); i++) {
                readsOn = input.read(current, "") && readsOn; // false once the handler has reopened
            }
        } finally {
            readOnSoon();
        }
    }

    private void readOnSoon() {
        if (readsOn && source.isJoined() && source.loop().isOpen()) {
            source.loop().callSoon(this::readOn);
        }
    }

    private void readOn() {
        if (!readsOn) {
            return;
        }
        try {
            read(source.fd(), UEvent.IN);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) { // which a task may not throw
            throw new IllegalStateException("the handler of " + this + " has failed: " + e, e);
        }
    }
}
