package io.uloop.source;

import io.uloop.Uloop;
import java.io.IOException;
import java.util.Objects;

/**
 * The standard input of this process, be it a terminal, a pipe, a socket, a file or {@code
 * /dev/null}.
 *
 * <p>Backends with descriptors watch descriptor 0, under a number of its own. It is not made
 * non-blocking, for that would happen to the shell, too, and to everybody else who shares it.
 * Instead it is read once each time it is ready, which does not wait, unless another process that
 * reads the same input takes the bytes in between. A file, and on epoll {@code /dev/null}, is
 * always ready and refused with EPERM, unless the loop was built with {@link
 * io.uloop.UloopBuilder#alwaysReadyFiles}. What {@link System#in} has read and not given out is not
 * seen here. A process that was started without a standard input reads what the JVM has opened in
 * its place: give it {@code /dev/null}.
 *
 * <p>Other backends get it from a daemon thread that reads {@link System#in}, no more than a pipe
 * holds ahead of the loop; after a {@link #close} the thread takes one more read, and what that
 * gives is lost.
 *
 * <p>Take one at a time. For the thread that runs the loop, or while none does for any one thread.
 */
public final class StandardInput implements AutoCloseable {
    private static final int STDIN_FILENO = 0;

    private final InputSource input;

    private StandardInput(InputSource input) {
        this.input = input;
    }

    /**
     * Joins the loop.
     *
     * @param loop the loop that will call
     * @param handler gets what comes in
     * @return the input
     * @throws IllegalStateException if another thread runs the loop, or it is closed
     * @throws IOException EPERM if it is always ready and the loop does not take such; EMFILE;
     *     ENOMEM, ENOSPC
     */
    public static StandardInput open(Uloop loop, InputHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        InputSource input = watchable(loop, handler);
        input.join();
        return new StandardInput(input);
    }

    private static InputSource watchable(Uloop loop, InputHandler handler) throws IOException {
        int fd;
        try {
            fd = loop.descriptors().dup(STDIN_FILENO);
        } catch (UnsupportedOperationException e) { // numbers are not the system's
            StreamPump pump = new StreamPump(System.in, handler);
            return new InputSource(pump.start(loop, "uloop standard input"), pump);
        }
        return new InputSource(Source.owning(loop, fd), handler);
    }

    /**
     * Takes nothing until {@link #resume}; who writes comes to wait.
     *
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException never; declared because the loop's remove does
     */
    public void pause() throws IOException {
        input.pause();
    }

    /**
     * Takes again what comes in. Nothing if not paused, or after the end.
     *
     * @throws IllegalStateException if this is closed or another thread runs the loop
     * @throws IOException ENOMEM, ENOSPC
     */
    public void resume() throws IOException {
        input.resume();
    }

    /**
     * Leaves the loop. The process keeps its standard input. Any number of times.
     *
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException EIO
     */
    @Override
    public void close() throws IOException {
        input.source.close();
    }

    @Override
    public String toString() {
        return input.source.describe("StandardInput");
    }
}
