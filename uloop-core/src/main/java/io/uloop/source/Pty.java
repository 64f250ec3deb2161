package io.uloop.source;

import io.uloop.Uloop;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.WindowSize;
import io.uloop.stream.DuplexSource;
import io.uloop.stream.Receiver;
import io.uloop.stream.Source;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A pseudo-terminal. Its master is registered with the loop, and its slave is the terminal of
 * another program, which opens it by {@link #slave}. Requires a native backend.
 *
 * <pre>{@code
 * Pty pty = Pty.open(loop, screen);
 * pty.setCooked();
 * new ChildCommand("sh", "-i").terminal(pty).start(loop, this::exited);
 * }</pre>
 *
 * <p>This object also holds the slave open, so that the master does not end before the program has
 * opened it. Call {@link #releaseSlave} when the program has. The terminal is in raw mode, see
 * {@link #setCooked}. A {@code ChildCommand} of {@code io.uloop.process} gives a program the
 * terminal as its controlling one, with job control and Ctrl-C.
 *
 * <p>Not thread-safe: call from the loop's thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/pty.7.html">pty(7)</a>
 * @since 0.1
 */
public final class Pty extends EventSource {
    /** The errno of a read from the master on Linux if no process has the slave open. */
    private static final Errno END = Errno.EIO;

    private final DuplexSource master;
    private final Path slave;
    private final Ends ends;

    private Pty(DuplexSource master, Ends ends, Path slave) {
        this.master = master;
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
            Receiver receiver = new Receiver(handler::received, handler::ended, handler::failed);
            Pty pty = new Pty(new DuplexSource(master, receiver, END), ends, slave);
            pty.master.join();
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
        Source source = master.source();
        source.requireOpen();
        source.nativeDescriptors()
                .terminals()
                .setWindowSize(source.fd(), new WindowSize(rows, columns));
        source.keep();
    }

    /**
     * Sets the mode in which people type lines: with echo, editing, and Ctrl-C as SIGINT. Programs
     * may change it.
     *
     * @throws UnsupportedOperationException if the layout of {@code struct termios} on this system
     *     is not known
     * @throws IllegalStateException if this is closed
     * @throws IOException if the ioctl fails, which does not happen for an open terminal
     */
    public void setCooked() throws IOException {
        Source source = master.source();
        source.requireOpen();
        source.nativeDescriptors().terminals().setCooked(source.fd());
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
        return master.write(bytes);
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
        master.awaitWritable(Objects.requireNonNull(handler, "handler")::writable);
    }

    /**
     * Stops reading until {@link #resume}. The program blocks when the terminal is full.
     *
     * @throws IOException ENOMEM or ENOSPC if the interest cannot be changed
     */
    public void pause() throws IOException {
        master.pause();
    }

    /**
     * Resumes reading. Does nothing if not paused or after the end of the stream.
     *
     * @throws IllegalStateException if this is closed
     * @throws IOException ENOMEM or ENOSPC if the descriptor cannot be registered
     */
    public void resume() throws IOException {
        master.resume();
    }

    /**
     * Deregisters and closes the terminal, which hangs up its programs. Idempotent.
     *
     * @throws IOException EIO if closing a descriptor fails
     */
    @Override
    public void close() throws IOException {
        master.source().close();
    }

    @Override
    Source source() {
        return master.source();
    }
}
