package io.uloop.source;

import io.uloop.Uloop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The writing end of a FIFO that somebody reads. Native backends.
 *
 * <p>For the thread that runs the loop, or while none does for any one thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/fifo.7.html">fifo(7)</a>
 */
public final class FifoWriter implements AutoCloseable {
    private final OutputSource output;

    private FifoWriter(OutputSource output) {
        this.output = output;
    }

    /**
     * Opens a FIFO that has a reader.
     *
     * @param loop the loop that {@link #awaitWritable} waits in
     * @param path a FIFO, as {@code mkfifo} makes them
     * @return the writing end
     * @throws UnsupportedOperationException if the loop's backend has no FIFOs
     * @throws IOException ENXIO if nobody reads; ENOENT, EACCES, EMFILE; EINVAL if it is no FIFO
     */
    public static FifoWriter open(Uloop loop, Path path) throws IOException {
        return new FifoWriter(new OutputSource(Fifo.open(loop, path, StandardOpenOption.WRITE)));
    }

    /**
     * Writes once; may write less than asked. Other writers' bytes do not come between those of one
     * write of at most {@code PIPE_BUF}, 4096 on Linux.
     *
     * @param bytes what to write
     * @return bytes written; 0 if it would block or the buffer is empty
     * @throws IllegalStateException if this is closed
     * @throws IOException EPIPE if the last reader has gone
     * @see <a href="https://man7.org/linux/man-pages/man2/write.2.html">write(2)</a>
     */
    public int write(ByteBuffer bytes) throws IOException {
        return output.write(bytes);
    }

    /**
     * Has a handler called once, as soon as a write may move bytes, or fails because the last
     * reader has gone. Replaces the handler that is waiting.
     *
     * @param handler is called
     * @throws IllegalStateException if this is closed or another thread runs the loop
     * @throws IOException ENOMEM, ENOSPC
     */
    public void awaitWritable(WriteHandler handler) throws IOException {
        output.awaitWritable(handler);
    }

    /**
     * Leaves the loop and closes this end. Any number of times.
     *
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException EIO
     */
    @Override
    public void close() throws IOException {
        output.source.close();
    }

    @Override
    public String toString() {
        return output.source.describe("FifoWriter");
    }
}
