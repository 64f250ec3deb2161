package io.uloop.source;

import io.uloop.Uloop;
import io.uloop.stream.OutputSource;
import io.uloop.stream.Source;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * The writing end of a FIFO that has a reader. Requires a native backend.
 *
 * <p>Not thread-safe: call from the loop's thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/fifo.7.html">fifo(7)</a>
 * @since 0.1
 */
public final class FifoWriter extends EventSource {
    private final OutputSource output;

    private FifoWriter(OutputSource output) {
        this.output = output;
    }

    /**
     * Opens a FIFO that has a reader.
     *
     * @param loop the loop that calls the handler of {@link #awaitWritable}
     * @param path a FIFO as created by {@code mkfifo}
     * @return the writing end
     * @throws UnsupportedOperationException if the loop's backend does not support FIFOs
     * @throws IOException ENXIO if there is no reader; ENOENT, EACCES or EMFILE; EINVAL if the file
     *     is not a FIFO
     */
    public static FifoWriter open(Uloop loop, Path path) throws IOException {
        int fd = Fifo.open(loop, path, StandardOpenOption.WRITE);
        return new FifoWriter(new OutputSource(new Source(loop, FifoWriter.class, fd, null)));
    }

    /**
     * Writes once. May write less than requested. Bytes of other writers are not interleaved with
     * those of one write of at most {@code PIPE_BUF} bytes, 4096 on Linux.
     *
     * @param bytes the bytes to write
     * @return bytes written; 0 if the write would block or the buffer is empty
     * @throws IllegalStateException if this is closed
     * @throws IOException EPIPE if there is no reader left
     * @see <a href="https://man7.org/linux/man-pages/man2/write.2.html">write(2)</a>
     */
    public int write(ByteBuffer bytes) throws IOException {
        return output.write(bytes);
    }

    /**
     * Calls a handler once, when the FIFO is writable or has no reader left. Replaces a handler
     * that is still waiting.
     *
     * @param handler the handler
     * @throws IllegalStateException if this is closed
     * @throws IOException ENOMEM or ENOSPC if the descriptor cannot be registered
     */
    public void awaitWritable(WriteHandler handler) throws IOException {
        output.awaitWritable(Objects.requireNonNull(handler, "handler")::writable);
    }

    /**
     * Deregisters and closes this end. Idempotent.
     *
     * @throws IOException EIO if closing the descriptor fails
     */
    @Override
    public void close() throws IOException {
        output.source().close();
    }

    @Override
    Source source() {
        return output.source();
    }
}
