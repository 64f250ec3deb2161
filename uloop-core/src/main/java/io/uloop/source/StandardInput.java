package io.uloop.source;

import io.uloop.Uloop;
import io.uloop.poller.NativeDescriptors;
import io.uloop.stream.InputSource;
import io.uloop.stream.Receiver;
import io.uloop.stream.Source;
import io.uloop.stream.StreamPump;
import java.io.IOException;
import java.util.Objects;

/**
 * The standard input of this process: a terminal, pipe, socket, file or {@code /dev/null}.
 *
 * <pre>{@code
 * StandardInput input = StandardInput.open(loop, handler);
 * ...
 * input.close();
 * }</pre>
 *
 * <p>Backends with file descriptors register a duplicate of descriptor 0. It stays in blocking
 * mode, because a change would affect the shell and all other processes that share it. It is read
 * once each time it is ready, which does not block unless another process reads the bytes first. A
 * file, and on epoll {@code /dev/null}, is always ready and fails with EPERM unless the loop was
 * built with {@link io.uloop.UloopBuilder#alwaysReadyFiles}. Bytes that are buffered in {@link
 * System#in} are not seen here. A process that was started without a standard input reads the file
 * that the JVM has opened in its place, so give it {@code /dev/null}.
 *
 * <p>On other backends, a daemon thread reads {@link System#in}, ahead of the loop by at most the
 * capacity of a pipe. After {@link #close} the thread reads once more, and those bytes are lost.
 *
 * <p>Open only one at a time. Not thread-safe: call from the loop's thread.
 *
 * @since 0.1
 */
public final class StandardInput extends EventSource {
    private static final int STDIN_FILENO = 0;

    private final InputSource input;

    private StandardInput(InputSource input) {
        this.input = input;
    }

    /**
     * Registers the standard input.
     *
     * @param loop the loop that calls the handler
     * @param handler receives the bytes
     * @return the input
     * @throws IllegalStateException if the loop is closed
     * @throws IOException EPERM if the input is always ready and the loop does not accept such
     *     files; EMFILE, ENOMEM or ENOSPC
     */
    public static StandardInput open(Uloop loop, InputHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        InputSource input = watchable(loop, handler);
        input.join();
        return new StandardInput(input);
    }

    private static InputSource watchable(Uloop loop, InputHandler handler) throws IOException {
        Receiver receiver = new Receiver(handler::received, handler::ended, handler::failed);
        int fd;
        try {
            fd = NativeDescriptors.of(loop.provider()).dup(STDIN_FILENO);
        } catch (
                UnsupportedOperationException e) { // the backend's numbers are not file descriptors
            StreamPump pump = new StreamPump(System.in, receiver);
            return new InputSource(
                    pump.start(loop, StandardInput.class, "uloop standard input"), pump.receiver());
        }
        return new InputSource(new Source(loop, StandardInput.class, fd, null), receiver);
    }

    /**
     * Stops reading until {@link #resume}. Writers block when the input's buffer is full.
     *
     * @throws IOException if deregistering fails, which does not happen on an open loop
     */
    public void pause() throws IOException {
        input.pause();
    }

    /**
     * Resumes reading. Does nothing if not paused or after the end of the stream.
     *
     * @throws IllegalStateException if this is closed
     * @throws IOException ENOMEM or ENOSPC if the descriptor cannot be registered
     */
    public void resume() throws IOException {
        input.resume();
    }

    /**
     * Deregisters the input. Idempotent. The process keeps its standard input.
     *
     * @throws IOException EIO if closing the duplicate fails
     */
    @Override
    public void close() throws IOException {
        input.source().close();
    }

    @Override
    Source source() {
        return input.source();
    }
}
