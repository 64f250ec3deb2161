package io.uloop.source;

import io.uloop.Uloop;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.UEvent;
import io.uloop.stream.Input;
import io.uloop.stream.Receiver;
import io.uloop.stream.Source;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A pseudo-terminal. Its master is registered with the loop, and its slave is the terminal of
 * another program, which opens it by {@link #slave}. Requires a native backend.
 *
 * <p>This object also holds the slave open, so that the master does not end before the program has
 * opened it. Call {@link #releaseSlave} when the program has. The terminal is in raw mode; {@code
 * stty sane} makes it interactive. To get it as its controlling terminal, with job control and
 * Ctrl-C, a program starts a new session and then opens the terminal first:
 *
 * <pre>{@code
 * String shell = "exec sh -i <>" + pty.slave() + " >&0 2>&0";
 * new ProcessBuilder("setsid", "-w", "sh", "-c", shell).start();
 * }</pre>
 *
 * <p>Not thread-safe: call from the loop's thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/pty.7.html">pty(7)</a>
 */
public final class Pty implements AutoCloseable {
    /** The errno of a read from the master on Linux if no process has the slave open. */
    private static final Errno END = Errno.EIO;

    private final Source source;
    private final Input input;
    private final Path slave;
    private final Ends ends;
    private boolean paused;
    private @Nullable WriteHandler waiting;

    private Pty(Source source, Input input, Ends ends, Path slave) {
        this.source = source;
        this.input = input;
        this.ends = ends;
        this.slave = slave;
    }

    /**
     * Opens a pseudo-terminal and registers its master.
     *
     * @param loop the loop that calls the handler
     * @param handler receives the program's output, which ends when no process has the slave open
     * @return the terminal
     * @throws UnsupportedOperationException if the loop's backend does not support pseudo-terminals
     * @throws IllegalStateException if the loop is closed
     * @throws IOException EMFILE; ENOSPC if the system has no terminal left; ENOMEM
     */
    public static Pty open(Uloop loop, InputHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        NativeDescriptors.Pty pair =
                Source.open(loop, "pty", "use a native backend", NativeDescriptors::pty);
        Ends ends = new Ends(loop.descriptors(), pair.master());
        ends.hold(pair.slave());
        Source master = new Source(loop, Pty.class, pair.master(), ends);
        try {
            Path slave = master.nativeDescriptors().ptsname(pair.master());
            Pty pty =
                    new Pty(
                            master,
                            new Input(
                                    new Receiver(
                                            handler::received, handler::ended, handler::failed)),
                            ends,
                            slave);
            master.register(UEvent.IN, pty::processEvent);
            return pty;
        } catch (IOException | RuntimeException e) {
            master.closeAfter(e);
            throw e;
        }
    }

    /**
     * {@return the path under which a program opens the terminal, for example {@code /dev/pts/7}}
     */
    public Path slave() {
        return slave;
    }

    /**
     * Closes this object's descriptor of the slave. Idempotent. If no program has the slave open,
     * the end of the stream follows at once.
     *
     * @throws IOException EIO if closing the descriptor fails
     */
    public void releaseSlave() throws IOException {
        ends.release();
    }

    /**
     * Sets the window size. The foreground programs of the terminal get SIGWINCH if it changes.
     *
     * @param rows lines of text, 0 (unknown) to 65535
     * @param columns characters in a line, 0 (unknown) to 65535
     * @throws IllegalArgumentException if one is out of range
     * @throws IllegalStateException if this is closed
     * @throws IOException if the ioctl fails, which does not happen for an open terminal
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/TIOCSWINSZ.2const.html">TIOCSWINSZ(2const)</a>
     */
    public void setWindowSize(int rows, int columns) throws IOException {
        source.requireOpen();
        source.nativeDescriptors().setWindowSize(source.fd(), rows, columns);
        source.keep();
    }

    /**
     * Writes input of the program once. May write less than requested.
     *
     * @param bytes the bytes to write
     * @return bytes written; 0 if the write would block or the buffer is empty
     * @throws IllegalStateException if this is closed
     * @throws IOException EIO if the write fails
     * @see <a href="https://man7.org/linux/man-pages/man2/write.2.html">write(2)</a>
     */
    public int write(ByteBuffer bytes) throws IOException {
        return source.write(bytes);
    }

    /**
     * Calls a handler once, when the terminal is writable. Replaces a handler that is still
     * waiting.
     *
     * @param handler the handler
     * @throws IllegalStateException if this is closed
     * @throws IOException ENOMEM or ENOSPC if the descriptor cannot be registered
     */
    public void awaitWritable(WriteHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        source.requireOpen();
        source.register(interest() | UEvent.OUT, this::processEvent);
        waiting = handler;
    }

    /**
     * Stops reading until {@link #resume}. The program blocks when the terminal is full.
     *
     * @throws IOException ENOMEM or ENOSPC if the interest cannot be changed
     */
    public void pause() throws IOException {
        paused = true;
        update();
    }

    /**
     * Resumes reading. Does nothing if not paused or after the end of the stream.
     *
     * @throws IllegalStateException if this is closed
     * @throws IOException ENOMEM or ENOSPC if the descriptor cannot be registered
     */
    public void resume() throws IOException {
        source.requireOpen();
        paused = false;
        update();
    }

    /**
     * Deregisters and closes the terminal, which hangs up its programs. Idempotent.
     *
     * @throws IOException EIO if closing a descriptor fails
     */
    @Override
    public void close() throws IOException {
        source.close();
    }

    @Override
    public String toString() {
        return source.toString();
    }

    private int interest() {
        return (paused || input.isOver() ? UEvent.NONE : UEvent.IN)
                | (waiting == null ? UEvent.NONE : UEvent.OUT);
    }

    private void update() throws IOException {
        if (source.isOpen()) {
            source.register(interest(), this::processEvent);
        }
    }

    /** Writes first, because a program that waits for its input may then produce output. */
    private void processEvent(int fd, int events) throws Exception {
        WriteHandler writer = waiting;
        if (writer != null && (events & ~UEvent.IN) != 0) {
            waiting = null;
            update();
            writer.writable();
        }
        if (source.isRegistered() && (interest() & UEvent.IN) != 0 && (events & ~UEvent.OUT) != 0) {
            input.read(source, END);
        }
    }
}
