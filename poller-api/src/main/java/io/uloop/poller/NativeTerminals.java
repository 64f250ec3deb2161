package io.uloop.poller;

import java.util.Set;

/**
 * Reads and changes terminals and serial lines, which both are {@code tty} devices. Native backends
 * have it, see {@link NativeDescriptors#terminals}. Changes take effect at once and never wait for
 * output, which would block the loop.
 *
 * <p>A process in the background of its terminal is stopped by SIGTTOU when it changes it.
 *
 * <p>Thread-safe. Callers must coordinate concurrent changes of the same terminal.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/termios.3.html">termios(3)</a>
 * @since 0.1
 */
public interface NativeTerminals {
    /**
     * Returns whether a descriptor is a terminal or serial line.
     *
     * @param fd any number
     * @return false if it is not, or not open
     */
    boolean isTerminal(int fd);

    /**
     * Returns whether a descriptor is the controlling terminal of this process, which sends it
     * signals such as SIGWINCH and SIGINT.
     *
     * @param fd any number
     * @return false if it is not, or not open
     */
    boolean isControlling(int fd);

    /**
     * Returns the window size.
     *
     * @param fd a terminal, or the master of {@link NativeDescriptors#pty}
     * @return the size
     * @throws PollerException ENOTTY if the descriptor is not a terminal
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/TIOCGWINSZ.2const.html">TIOCGWINSZ(2const)</a>
     */
    WindowSize windowSize(int fd) throws PollerException;

    /**
     * Sets the window size. If the size changes, the terminal's foreground processes receive
     * SIGWINCH.
     *
     * @param fd a terminal, or the master of {@link NativeDescriptors#pty}
     * @param size the size
     * @throws PollerException ENOTTY if the descriptor is not a terminal
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/TIOCSWINSZ.2const.html">TIOCSWINSZ(2const)</a>
     */
    void setWindowSize(int fd, WindowSize size) throws PollerException;

    /**
     * Returns all modes and settings, for {@link #restore}.
     *
     * @param fd a terminal
     * @return the modes
     * @throws PollerException ENOTTY if the descriptor is not a terminal
     * @throws UnsupportedOperationException if the layout of {@code struct termios} on this system
     *     is not known
     */
    TerminalModes modes(int fd) throws PollerException;

    /**
     * Restores modes and settings.
     *
     * @param fd a terminal
     * @param modes modes of the same terminal
     * @throws IllegalArgumentException if the modes are of another system
     * @throws PollerException ENOTTY if the descriptor is not a terminal; EIO after a hang-up
     * @throws UnsupportedOperationException as for {@link #modes}
     */
    void restore(int fd, TerminalModes modes) throws PollerException;

    /**
     * Sets raw mode: every byte passes unchanged and at once, nothing is echoed, and Ctrl-C is a
     * byte. The same as {@code cfmakeraw}.
     *
     * @param fd a terminal
     * @throws PollerException as for {@link #restore}
     * @throws UnsupportedOperationException as for {@link #modes}
     */
    void setRaw(int fd) throws PollerException;

    /**
     * Sets the mode in which people type lines: with echo, editing, Ctrl-C as SIGINT, and line ends
     * converted.
     *
     * @param fd a terminal
     * @throws PollerException as for {@link #restore}
     * @throws UnsupportedOperationException as for {@link #modes}
     */
    void setCooked(int fd) throws PollerException;

    /**
     * Returns the settings of a serial line.
     *
     * @param fd a serial line or any other terminal
     * @return the settings; the speed is 1 if the line is hung up (B0)
     * @throws PollerException ENOTTY if the descriptor is not a terminal
     * @throws UnsupportedOperationException as for {@link #modes}
     */
    LineSettings lineSettings(int fd) throws PollerException;

    /**
     * Changes the settings of a serial line. Also enables its receiver and ignores modem status
     * lines.
     *
     * @param fd a serial line or any other terminal
     * @param settings the settings; a device may round the speed
     * @throws PollerException ENOTTY if the descriptor is not a terminal; EINVAL if the device or
     *     system does not support the settings, and nothing has changed then
     * @throws UnsupportedOperationException as for {@link #modes}
     */
    void setLineSettings(int fd, LineSettings settings) throws PollerException;

    /**
     * Returns which control lines are active.
     *
     * @param fd a serial line
     * @return a new set
     * @throws PollerException ENOTTY or EINVAL if the device has no such lines, as a
     *     pseudo-terminal; EIO if it is gone
     * @throws UnsupportedOperationException as for {@link #modes}
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/TIOCMGET.2const.html">TIOCMGET(2const)</a>
     */
    Set<ModemLine> modemLines(int fd) throws PollerException;

    /**
     * Sets a control line of this side. With {@link LineSettings.FlowControl#HARDWARE} the driver
     * sets RTS, too.
     *
     * @param fd a serial line
     * @param line DTR or RTS
     * @param active whether it becomes active
     * @throws IllegalArgumentException if the device sets the line
     * @throws PollerException as for {@link #modemLines}
     * @throws UnsupportedOperationException as for {@link #modes}
     */
    void setModemLine(int fd, ModemLine line, boolean active) throws PollerException;

    /**
     * Returns whether everything written has left this machine. Does not wait, unlike {@code
     * tcdrain(3)}. Some drivers do not say what their device holds in its own buffer.
     *
     * @param fd a serial line or any other terminal
     * @return false while bytes are waiting
     * @throws PollerException ENOTTY if the descriptor is not a terminal; EIO if the device is gone
     * @throws UnsupportedOperationException as for {@link #modes}
     */
    boolean isOutputSent(int fd) throws PollerException;

    /**
     * Starts or ends a break, during which the line carries no data. On Linux, a start waits for
     * the output, so call it when {@link #isOutputSent} returns true. An end never waits. Linux
     * does nothing if the device has no break, as a pseudo-terminal.
     *
     * @param fd a serial line
     * @param active whether the break starts
     * @throws PollerException as for {@link #modemLines}
     * @throws UnsupportedOperationException as for {@link #modes}
     * @see <a
     *     href="https://man7.org/linux/man-pages/man2/TIOCSBRK.2const.html">TIOCSBRK(2const)</a>
     */
    void setBreak(int fd, boolean active) throws PollerException;
}
