package io.uloop.terminal;

import io.uloop.LoopTask;
import io.uloop.Uloop;
import io.uloop.poller.LineSettings;
import io.uloop.poller.ModemLine;
import io.uloop.poller.NativeTerminals;
import io.uloop.source.InputHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A serial line with a device at its other end. Bytes pass unchanged. Requires a native backend.
 *
 * <pre>{@code
 * SerialLine line =
 *         SerialLine.open(loop, Path.of("/dev/ttyUSB0"), LineSettings.of(115_200), handler);
 * line.write(question);
 * }</pre>
 *
 * <p>The former settings are restored when the line is closed and when the JVM exits. While it
 * exits, they are not changed again. The stream of bytes ends when the device is unplugged.
 *
 * <p>Not thread-safe: call from the loop's thread.
 *
 * @since 0.1
 */
public final class SerialLine extends OpenLine {
    private final Uloop loop;
    private @Nullable LineBreak current;

    private SerialLine(Uloop loop, Line line) {
        super(line);
        this.loop = loop;
    }

    /**
     * Opens a line, changes its settings and registers it.
     *
     * @param loop the loop that calls the handler
     * @param device its path, for example {@code /dev/ttyUSB0}
     * @param settings those of the device at the other end
     * @param handler receives the bytes
     * @return the line
     * @throws UnsupportedOperationException if the loop's backend is select, or if the layout of
     *     {@code struct termios} on this system is not known
     * @throws IllegalStateException if the loop is closed
     * @throws IOException ENOENT, EACCES, EBUSY or ENXIO if there is no such line or it is in use;
     *     ENOTTY if the file is no line; EINVAL if the line does not support the settings; EMFILE,
     *     ENOMEM or ENOSPC
     */
    public static SerialLine open(
            Uloop loop, Path device, LineSettings settings, InputHandler handler)
            throws IOException {
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(handler, "handler");
        Line line = Line.open(loop, SerialLine.class, device, handler);
        try {
            line.change(NativeTerminals::setRaw);
            line.change((terminals, fd) -> terminals.setLineSettings(fd, settings));
        } catch (IOException | RuntimeException e) {
            line.source().closeAfter(e);
            throw e;
        }
        line.duplex().join();
        return new SerialLine(loop, line);
    }

    /**
     * Returns the settings in use.
     *
     * @return the settings; a device may have rounded the speed
     * @throws IllegalStateException if this is closed
     * @throws IOException EIO if the device is gone
     */
    public LineSettings settings() throws IOException {
        return line.read(NativeTerminals::lineSettings);
    }

    /**
     * Changes the settings at once. Bytes that are still on their way out may be garbled.
     *
     * @param settings the new settings
     * @throws IllegalStateException if this is closed
     * @throws IOException EINVAL if the line does not support them, and nothing has changed then;
     *     EIO if the device is gone
     */
    public void setSettings(LineSettings settings) throws IOException {
        Objects.requireNonNull(settings, "settings");
        line.change((terminals, fd) -> terminals.setLineSettings(fd, settings));
    }

    /**
     * Returns which control lines are active, for example whether the device is on (DSR). No event
     * reports a change, so call this again when it matters, for example in a {@link
     * io.uloop.Timer}.
     *
     * @return a new set
     * @throws IllegalStateException if this is closed
     * @throws IOException ENOTTY or EINVAL if the device has no such lines, as a pseudo-terminal;
     *     EIO if the device is gone
     */
    public Set<ModemLine> modemLines() throws IOException {
        return line.read(NativeTerminals::modemLines);
    }

    /**
     * Sets a control line of this side. It stays set after {@link #close}, except that the kernel
     * makes DTR and RTS inactive if no other process has the line open.
     *
     * @param modemLine {@link ModemLine#DTR} or {@link ModemLine#RTS}
     * @param active whether it becomes active
     * @throws IllegalArgumentException if the device sets the line
     * @throws IllegalStateException if this is closed
     * @throws IOException as for {@link #modemLines}
     */
    public void setModemLine(ModemLine modemLine, boolean active) throws IOException {
        line.apply((terminals, fd) -> terminals.setModemLine(fd, modemLine, active));
    }

    /**
     * Returns whether everything written has left this machine. Some drivers do not say what their
     * device holds in its own buffer.
     *
     * @return false while bytes are waiting
     * @throws IllegalStateException if this is closed
     * @throws IOException EIO if the device is gone
     */
    public boolean isOutputSent() throws IOException {
        return line.read(NativeTerminals::isOutputSent);
    }

    /**
     * Sends a break, by which some devices are reset or synchronized. It starts when everything
     * written has been sent, and a timer ends it, so the loop never waits. Bytes written before its
     * end may be lost. Replaces a break in progress, whose task is not called. {@link #close} ends
     * it, too, without a call.
     *
     * @param duration more than zero; usually 250 ms to 500 ms
     * @param whenEnded called on the loop's thread after the end. If starting or ending the break
     *     fails, the loop reports that instead
     * @throws IllegalArgumentException if the duration is zero or negative
     * @throws IllegalStateException if this or the loop is closed
     * @throws IOException ENOTTY or EINVAL if the device has no break, which Linux does not report;
     *     EIO if the device is gone
     */
    public void sendBreak(Duration duration, LoopTask whenEnded) throws IOException {
        Objects.requireNonNull(whenEnded, "whenEnded");
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException("a break must take more than zero, not " + duration);
        }
        cancelBreak();
        current = LineBreak.start(loop, line, duration, whenEnded);
    }

    private void cancelBreak() {
        if (current != null) {
            current.cancel();
        }
    }

    @Override
    public void close() throws IOException {
        super.close();
        cancelBreak();
    }
}
