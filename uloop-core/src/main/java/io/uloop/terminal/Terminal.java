package io.uloop.terminal;

import io.uloop.Handle;
import io.uloop.Uloop;
import io.uloop.poller.NativeTerminals;
import io.uloop.poller.WindowSize;
import io.uloop.source.InputHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The terminal of this process, or another one. Its descriptor is separate from the standard
 * streams, so it does not block while theirs do. Requires a native backend.
 *
 * <pre>{@code
 * Terminal terminal = Terminal.open(loop, keys);
 * terminal.setRaw();
 * terminal.onResize(size -> draw(size));
 * }</pre>
 *
 * <p>The modes are restored when the terminal is closed and when the JVM exits, also by SIGINT or
 * SIGTERM. While it exits, they are not changed again. For the other side of a pseudo-terminal see
 * {@link io.uloop.source.Pty}.
 *
 * <p>Not thread-safe: call from the loop's thread.
 *
 * @since 0.1
 */
public final class Terminal extends OpenLine {
    private static final Path OWN = Path.of("/dev/tty");

    private final Uloop loop;
    private final List<Handle> resizes = new ArrayList<>(1);

    private Terminal(Uloop loop, Line line) {
        super(line);
        this.loop = loop;
    }

    /**
     * Opens the controlling terminal of this process, even if the standard streams are redirected.
     *
     * @param loop the loop that calls the handler
     * @param handler receives what is typed
     * @return the terminal
     * @throws UnsupportedOperationException if the loop's backend is select
     * @throws IllegalStateException if the loop is closed
     * @throws IOException ENXIO if this process has no controlling terminal; EMFILE, ENOMEM or
     *     ENOSPC
     */
    public static Terminal open(Uloop loop, InputHandler handler) throws IOException {
        return open(loop, OWN, handler);
    }

    /**
     * Opens a terminal. It does not become the controlling terminal of this process.
     *
     * @param loop the loop that calls the handler
     * @param device its path, for example {@code /dev/pts/7}
     * @param handler receives what is typed
     * @return the terminal
     * @throws UnsupportedOperationException if the loop's backend is select
     * @throws IllegalStateException if the loop is closed
     * @throws IOException ENOENT, EACCES or ENXIO if there is no such terminal; ENOTTY if the file
     *     is none; EMFILE, ENOMEM or ENOSPC
     */
    public static Terminal open(Uloop loop, Path device, InputHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        Line line = Line.open(loop, Terminal.class, device, handler);
        line.duplex().join();
        return new Terminal(loop, line);
    }

    /**
     * Sets raw mode: every key arrives at once and without an echo, and Ctrl-C is the byte 3.
     *
     * @throws UnsupportedOperationException if the layout of {@code struct termios} on this system
     *     is not known
     * @throws IllegalStateException if this is closed
     * @throws IOException EIO after a hang-up
     */
    public void setRaw() throws IOException {
        line.change(NativeTerminals::setRaw);
    }

    /**
     * Sets the mode in which people type lines: with echo and editing, and Ctrl-C as SIGINT.
     *
     * @throws UnsupportedOperationException as for {@link #setRaw}
     * @throws IllegalStateException if this is closed
     * @throws IOException EIO after a hang-up
     */
    public void setCooked() throws IOException {
        line.change(NativeTerminals::setCooked);
    }

    /**
     * Restores the modes that the terminal had when it was opened. Does nothing if they were not
     * changed here.
     *
     * @throws IllegalStateException if this is closed
     * @throws IOException EIO after a hang-up
     */
    public void restore() throws IOException {
        line.restore();
    }

    /**
     * Returns the window size.
     *
     * @return the size, with zeros if it is unknown
     * @throws IllegalStateException if this is closed
     * @throws IOException EIO after a hang-up
     */
    public WindowSize size() throws IOException {
        return line.read(NativeTerminals::windowSize);
    }

    /**
     * Sets the window size of which programs are informed. Few terminal emulators then change their
     * window.
     *
     * @param size the size
     * @throws IllegalStateException if this is closed
     * @throws IOException EIO after a hang-up
     */
    public void setSize(WindowSize size) throws IOException {
        Objects.requireNonNull(size, "size");
        line.apply((terminals, fd) -> terminals.setWindowSize(fd, size));
    }

    /**
     * Calls a handler when the window size changes. SIGWINCH reports this for the controlling
     * terminal of this process. Other terminals are looked at four times a second, as is any if the
     * JVM lacks the module jdk.unsupported.
     *
     * @param handler called on the loop's thread
     * @return a handle that removes the handler when closed on the loop's thread; closing the
     *     terminal does so, too
     * @throws IllegalStateException if this is closed
     * @throws IOException EIO after a hang-up
     */
    public Handle onResize(ResizeHandler handler) throws IOException {
        Handle resize = new Resizes(loop, line, Objects.requireNonNull(handler, "handler"));
        resizes.add(resize);
        return () -> {
            resizes.remove(resize);
            resize.close();
        };
    }

    @Override
    public void close() throws IOException {
        super.close();
        resizes.forEach(Handle::close);
        resizes.clear();
    }
}
