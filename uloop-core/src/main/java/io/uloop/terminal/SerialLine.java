package io.uloop.terminal;

import io.uloop.Uloop;
import io.uloop.poller.LineSettings;
import io.uloop.poller.NativeTerminals;
import io.uloop.source.InputHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A serial line with a device at its other end. Bytes pass unchanged. Requires a native backend.
 *
 * <pre>{@code
 * SerialLine line =
 *         SerialLine.open(loop, Path.of("/dev/ttyUSB0"), LineSettings.of(115_200), handler);
 * line.write(question);
 * }</pre>
 *
 * <p>The former settings are restored when the line is closed and when the JVM exits. The stream of
 * bytes ends when the device is unplugged.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
public final class SerialLine extends OpenLine {
    private SerialLine(Line line) {
        super(line);
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
        return new SerialLine(line);
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
}
