package io.uloop.source;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A pseudo-terminal: its master is on the loop, its slave is the terminal of another program, which
 * opens it by {@link #slave}. Native backends.
 *
 * <p>This has the slave open too, so that the master does not end before the program has it: call
 * {@link #releaseSlave} once it has. The terminal is raw, {@code stty sane} makes it one for
 * people. A program gets it as its controlling terminal, and job control and Ctrl-C with it, by
 * opening it first thing in a session of its own:
 *
 * <pre>{@code
 * String shell = "exec sh -i <>" + pty.slave() + " >&0 2>&0";
 * new ProcessBuilder("setsid", "-w", "sh", "-c", shell).start();
 * }</pre>
 *
 * <p>For the thread that runs the loop, or while none does for any one thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/pty.7.html">pty(7)</a>
 */
public final class Pty implements AutoCloseable {
    /** What a read of the master fails with on Linux when nobody has the slave open. */
    private static final String END = "EIO";

    private final Source source;
    private final Input input;
    private final Path slave;
    private int slaveEnd;
    private boolean paused;
    private @Nullable WriteHandler waiting;

    private Pty(Source source, Input input, int slaveEnd, Path slave) {
        this.source = source;
        this.input = input;
        this.slaveEnd = slaveEnd;
        this.slave = slave;
    }

    /**
     * Opens a pseudo-terminal and joins the loop.
     *
     * @param loop the loop that will call
     * @param handler gets what the program writes; its end is when nobody has the slave open
     * @return the terminal
     * @throws UnsupportedOperationException if the loop's backend has no terminals
     * @throws IllegalStateException if another thread runs the loop, or it is closed
     * @throws IOException EMFILE; ENOSPC if the system has no more terminals; ENOMEM
     */
    public static Pty open(Uloop loop, InputHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        int[] ends = new int[2];
        Source master =
                Source.opened(loop, "pty", "take a native backend", () -> openEnds(loop, ends));
        Descriptors descriptors = loop.descriptors();
        try {
            Path slave = descriptors.ptsname(ends[0]);
            Pty pty = new Pty(master, new Input(handler), ends[1], slave);
            master.watch(UEvent.IN, pty::processEvent);
            return pty;
        } catch (IOException | RuntimeException e) {
            descriptors.close(ends[1]);
            master.closeAfter(e);
            throw e;
        }
    }

    private static int openEnds(Uloop loop, int[] ends) throws IOException {
        int[] pair = loop.descriptors().pty();
        ends[0] = pair[0];
        ends[1] = pair[1];
        return ends[0];
    }

    /**
     * By what path a program opens the terminal.
     *
     * @return the path, {@code /dev/pts/7}
     */
    public Path slave() {
        return slave;
    }

    /**
     * Closes this end's slave. If no program has it open the end comes at once. Nothing the second
     * time.
     *
     * @throws IOException EIO
     */
    public void releaseSlave() throws IOException {
        if (slaveEnd >= 0) {
            int fd = slaveEnd;
            slaveEnd = -1;
            source.descriptors().close(fd);
        }
    }

    /**
     * Sets the size of the window; the terminal's foreground programs get SIGWINCH if it changes.
     *
     * @param rows lines of text, 0 (unknown) to 65535
     * @param columns characters in a line, 0 (unknown) to 65535
     * @throws IllegalArgumentException if one is out of its range
     * @throws IllegalStateException if this is closed
     * @throws IOException never; declared because the descriptor's operation does
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/TIOCSWINSZ.2const.html">TIOCSWINSZ(2const)</a>
     */
    public void setWindowSize(int rows, int columns) throws IOException {
        source.requireOpen();
        source.descriptors().setWindowSize(source.fd(), rows, columns);
    }

    /**
     * Types: writes once what the program will read; may write less than asked.
     *
     * @param bytes what to write
     * @return bytes written; 0 if it would block or the buffer is empty
     * @throws IllegalStateException if this is closed
     * @throws IOException EIO
     * @see <a href="https://man7.org/linux/man-pages/man2/write.2.html">write(2)</a>
     */
    public int write(ByteBuffer bytes) throws IOException {
        source.requireOpen();
        return source.descriptors().write(source.fd(), bytes);
    }

    /**
     * Has a handler called once, as soon as a write may move bytes. Replaces the handler that is
     * waiting.
     *
     * @param handler is called
     * @throws IllegalStateException if this is closed or another thread runs the loop
     * @throws IOException ENOMEM, ENOSPC
     */
    public void awaitWritable(WriteHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        source.requireOpen();
        source.watch(interest() | UEvent.OUT, this::processEvent);
        waiting = handler;
    }

    /**
     * Takes nothing until {@link #resume}; the program comes to wait once the terminal is full.
     *
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException ENOMEM, ENOSPC
     */
    public void pause() throws IOException {
        paused = true;
        update();
    }

    /**
     * Takes again what the program writes. Nothing if not paused, or after the end.
     *
     * @throws IllegalStateException if this is closed or another thread runs the loop
     * @throws IOException ENOMEM, ENOSPC
     */
    public void resume() throws IOException {
        source.requireOpen();
        paused = false;
        update();
    }

    /**
     * Leaves the loop and closes what was opened, which hangs up the programs in the terminal. Any
     * number of times.
     *
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException EIO
     */
    @Override
    public void close() throws IOException {
        source.close();
        releaseSlave();
    }

    @Override
    public String toString() {
        return source.describe("Pty");
    }

    private int interest() {
        return (paused || input.isOver() ? UEvent.NONE : UEvent.IN)
                | (waiting == null ? UEvent.NONE : UEvent.OUT);
    }

    private void update() throws IOException {
        if (source.isOpen()) {
            source.watch(interest(), this::processEvent);
        }
    }

    /** Writes first: a program that waits for its input may write because of it. */
    private void processEvent(int fd, int events) throws Exception {
        WriteHandler writer = waiting;
        if (writer != null && (events & ~UEvent.IN) != 0) {
            waiting = null;
            update();
            writer.writable();
        }
        if (source.isJoined() && (interest() & UEvent.IN) != 0 && (events & ~UEvent.OUT) != 0) {
            input.read(source, END);
        }
    }
}
