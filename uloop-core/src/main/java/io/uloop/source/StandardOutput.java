package io.uloop.source;

import io.uloop.Handle;
import io.uloop.Uloop;
import io.uloop.poller.DescriptorKind;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import io.uloop.stream.OutputSource;
import io.uloop.stream.Source;
import io.uloop.stream.StreamDrain;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The standard output or standard error of this process, as a sink that does not block the loop. A
 * reader that does not keep up makes {@link #write} return 0, and {@link #awaitWritable} calls a
 * handler when there is room again.
 *
 * <pre>{@code
 * StandardOutput output = StandardOutput.open(loop);
 * if (output.write(bytes) == 0 && bytes.hasRemaining()) {
 *     output.awaitWritable(() -> output.write(bytes));
 * }
 * }</pre>
 *
 * <p>Native backends on Linux open a pipe or terminal once more, because non-blocking mode of the
 * original descriptor would affect the shell and all other processes that share it. Files and
 * devices such as {@code /dev/null} never block and are written directly. Otherwise a daemon thread
 * copies what the loop writes, so after the last write close this and give that thread time to
 * finish. Bytes that are buffered in {@link System#out} are independent of those written here.
 *
 * <p>Not thread-safe: call from the loop's thread.
 *
 * @since 0.1
 */
public final class StandardOutput extends EventSource {
    private static final int STDOUT_FILENO = 1;
    private static final int STDERR_FILENO = 2;

    private final Uloop loop;
    private final OutputSource output;
    private final boolean terminal;

    /** The call of the handler that waits for a file. */
    private @Nullable Handle call;

    private StandardOutput(Uloop loop, OutputSource output, boolean terminal) {
        this.loop = loop;
        this.output = output;
        this.terminal = terminal;
    }

    /**
     * Opens the standard output.
     *
     * @param loop the loop that calls the handler of {@link #awaitWritable}
     * @return the output
     * @throws IOException EMFILE, ENFILE or ENOMEM; EBADF if the process was started without one
     */
    public static StandardOutput open(Uloop loop) throws IOException {
        return open(loop, STDOUT_FILENO, FileDescriptor.out);
    }

    /**
     * Opens the standard error.
     *
     * @param loop the loop that calls the handler of {@link #awaitWritable}
     * @return the output
     * @throws IOException as for {@link #open}
     */
    public static StandardOutput openErrors(Uloop loop) throws IOException {
        return open(loop, STDERR_FILENO, FileDescriptor.err);
    }

    private static StandardOutput open(Uloop loop, int fd, FileDescriptor jvmDescriptor)
            throws IOException {
        if (!(loop.descriptors() instanceof NativeDescriptors io)) {
            return copied(loop, jvmDescriptor, false);
        }
        boolean terminal = io.terminals().isTerminal(fd);
        DescriptorKind.Type type = io.kind(fd).type();
        int opened;
        if (terminal || type == DescriptorKind.Type.PIPE) {
            try {
                opened = io.open(Path.of("/proc/self/fd/" + fd), StandardOpenOption.WRITE);
            } catch (PollerException e) { // not Linux, or the terminal is of another user
                return copied(loop, jvmDescriptor, terminal);
            }
        } else if (type.isSocket() && io.isBlocking(fd)) {
            return copied(loop, jvmDescriptor, false);
        } else {
            opened = io.dup(fd);
        }
        Source source = new Source(loop, StandardOutput.class, opened, null);
        return new StandardOutput(loop, new OutputSource(source), terminal);
    }

    private static StandardOutput copied(Uloop loop, FileDescriptor descriptor, boolean terminal)
            throws IOException {
        OutputStream stream =
                new FilterOutputStream(new FileOutputStream(descriptor)) {
                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        out.write(bytes, offset, length);
                    }

                    @Override
                    public void close() {} // the process keeps its output
                };
        Source source =
                StreamDrain.start(loop, StandardOutput.class, stream, "uloop standard output");
        return new StandardOutput(loop, new OutputSource(source), terminal);
    }

    /** {@return whether the output is a terminal} False on select, which cannot know. */
    public boolean isTerminal() {
        return terminal;
    }

    /**
     * Writes once. May write less than requested.
     *
     * @param bytes the bytes to write
     * @return bytes written; 0 if the write would block or the buffer is empty
     * @throws IllegalStateException if this is closed
     * @throws IOException EPIPE if there is no reader left; ENOSPC if the disk is full
     * @see <a href="https://man7.org/linux/man-pages/man2/write.2.html">write(2)</a>
     */
    public int write(ByteBuffer bytes) throws IOException {
        return output.write(bytes);
    }

    /**
     * Calls a handler once, when the output is writable or has no reader left. Replaces a handler
     * that is still waiting.
     *
     * @param handler the handler
     * @throws IllegalStateException if this is closed
     * @throws IOException ENOMEM or ENOSPC if the descriptor cannot be registered
     */
    public void awaitWritable(WriteHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        try {
            output.awaitWritable(handler::writable);
        } catch (PollerException e) {
            if (e.errno() != Errno.EPERM) {
                throw e;
            }
            cancelCall();
            call = loop.callSoon(handler::writable); // a file, which is always writable
        }
    }

    private void cancelCall() {
        if (call != null) {
            call.close();
            call = null;
        }
    }

    /**
     * Deregisters the output. Idempotent. The process keeps its standard output.
     *
     * @throws IOException EIO if closing the descriptor fails
     */
    @Override
    public void close() throws IOException {
        output.source().close();
        cancelCall();
    }

    @Override
    Source source() {
        return output.source();
    }
}
