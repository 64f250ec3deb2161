package io.uloop.source;

import io.uloop.LoopTask;
import io.uloop.Uloop;
import io.uloop.poller.UEvent;
import io.uloop.stream.Input;
import io.uloop.stream.Receiver;
import io.uloop.stream.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;

/**
 * The reading end of a FIFO. It waits for a first writer and reaches end of stream when the last
 * writer closes the FIFO. {@link #reopen} then waits for the next writer. With {@link #hold} there
 * is no end of stream. Requires a native backend.
 *
 * <pre>{@code
 * FifoReader reader = FifoReader.open(loop, path, handler);
 * reader.hold(); // stays open between writers
 * }</pre>
 *
 * <p>Not thread-safe: call from the loop's thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/fifo.7.html">fifo(7)</a>
 * @since 0.1
 */
public final class FifoReader extends EventSource {
    /**
     * The maximum number of reads in a turn. Reads continue until nothing is left, even without an
     * event after a pause or a failure. This is necessary because a descriptor that was opened
     * between two writers gets no HUP after the data of the former writer.
     */
    private static final int MAX_READS = 64;

    private final Path path;
    private final Input input;
    private final LoopTask readOn = this::readOn;
    private Source source;
    private Ends ends;

    /** Whether bytes were read and the FIFO is not known to be empty yet. */
    private boolean readsOn;

    private FifoReader(Uloop loop, Path path, Input input) throws IOException {
        this.path = path;
        this.input = input;
        int fd = Fifo.open(loop, path, StandardOpenOption.READ);
        ends = new Ends(loop.descriptors(), fd);
        source = new Source(loop, FifoReader.class, fd, ends);
    }

    /**
     * Opens a FIFO, with or without a writer, and registers it.
     *
     * @param loop the loop that calls the handler
     * @param path a FIFO as created by {@code mkfifo}
     * @param handler receives the bytes
     * @return the reading end
     * @throws UnsupportedOperationException if the loop's backend does not support FIFOs
     * @throws IllegalStateException if the loop is closed
     * @throws IOException ENOENT, EACCES or EMFILE; EINVAL if the file is not a FIFO; ENOMEM or
     *     ENOSPC
     */
    public static FifoReader open(Uloop loop, Path path, InputHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        FifoReader reader =
                new FifoReader(
                        loop,
                        path,
                        new Input(
                                new Receiver(handler::received, handler::ended, handler::failed)));
        reader.source.joinOrClose(UEvent.IN, reader::read);
        return reader;
    }

    /**
     * Also opens a writing end, so that there is no end of stream when the last writer closes.
     * Idempotent.
     *
     * @throws IllegalStateException if this is closed
     * @throws IOException EACCES without permission to write; EMFILE; ENOENT if the path no longer
     *     exists
     */
    public void hold() throws IOException {
        source.requireOpen();
        if (!ends.isHolding()) {
            ends.hold(source.nativeDescriptors().open(path, StandardOpenOption.WRITE));
        }
    }

    /**
     * Reopens the path to wait for the next writer. Bytes written meanwhile are kept. Call this in
     * {@link InputHandler#ended} or later.
     *
     * @throws IllegalStateException if this is closed
     * @throws IOException as for {@link #open}; the reader is unchanged then
     */
    public void reopen() throws IOException {
        source.requireOpen();
        Source former = source;
        Uloop loop = former.loop();
        int fd = Fifo.open(loop, path, StandardOpenOption.READ);
        Ends freshEnds = new Ends(loop.descriptors(), fd);
        Source fresh = new Source(loop, FifoReader.class, fd, freshEnds);
        fresh.setUnref(!former.hasRef());
        fresh.joinOrClose(UEvent.IN, this::read);
        ends.passTo(freshEnds);
        ends = freshEnds;
        source = fresh;
        readsOn = false;
        input.restart();
        former.close(); // last, because a FIFO loses its contents when no process has it open
    }

    /**
     * Stops reading until {@link #resume}. Writers block when the FIFO is full.
     *
     * @throws IOException if deregistering fails, which does not happen on an open loop
     */
    public void pause() throws IOException {
        source.deregister();
    }

    /**
     * Resumes reading. Does nothing if not paused or after the end of the stream.
     *
     * @throws IllegalStateException if this is closed
     * @throws IOException ENOMEM or ENOSPC if the descriptor cannot be registered
     */
    public void resume() throws IOException {
        input.resume(source, this::read);
        readOnSoon();
    }

    /**
     * Deregisters and closes the FIFO. Idempotent.
     *
     * @throws IOException EIO if closing a descriptor fails
     */
    @Override
    public void close() throws IOException {
        source.close();
    }

    @Override
    Source source() {
        return source;
    }

    private void read(int fd, int events) throws Exception {
        Source current = source;
        readsOn = true;
        try {
            for (int i = 0; readsOn && i < MAX_READS && current.isRegistered(); i++) {
                readsOn =
                        input.read(current, null)
                                && readsOn; // false after the handler has reopened the FIFO
            }
        } finally {
            readOnSoon();
        }
    }

    private void readOnSoon() {
        if (readsOn && source.isRegistered() && source.loop().isOpen()) {
            try {
                source.loop().post(readOn);
            } catch (RejectedExecutionException e) {
                // Another thread has just closed the loop.
            }
        }
    }

    private void readOn() throws Exception {
        if (readsOn) {
            read(source.fd(), UEvent.IN);
        }
    }
}
