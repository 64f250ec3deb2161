package io.uloop.poller.posix.file;

import io.uloop.poller.Errno;
import io.uloop.poller.LineSettings;
import io.uloop.poller.ModemLine;
import io.uloop.poller.NativeTerminals;
import io.uloop.poller.PollerException;
import io.uloop.poller.TerminalModes;
import io.uloop.poller.WindowSize;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.OperatingSystem;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.Scratch;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads and changes terminals. On Linux by TCGETS2 and TCSETS2, which have every speed and the same
 * layout in every C library; elsewhere by tcgetattr and tcsetattr. Thread-safe.
 */
public final class Terminals implements NativeTerminals {
    private static final int THIS_PROCESS = 0;
    private static final int TCSANOW = 0; // the same on every system
    private static final long TCGETS2 = 0x802C542AL;
    private static final long TCSETS2 = 0x402C542BL;

    /**
     * Most Linux ports have their own numbers, the older ones share those of the BSDs and macOS.
     */
    private static final boolean HAS_OWN_NUMBERS =
            OperatingSystem.HERE.isLinux()
                    && !System.getProperty("os.arch").matches("(mips|ppc|sparc).*");

    private static final long TIOCGWINSZ = HAS_OWN_NUMBERS ? 0x5413 : 0x40087468L;
    private static final long TIOCSWINSZ = HAS_OWN_NUMBERS ? 0x5414 : 0x80087467L;

    private static final @Nullable TermiosLayout LAYOUT =
            TermiosLayout.of(OperatingSystem.HERE, System.getProperty("os.arch"));

    /** How many times smaller the deviation of a speed from the requested one must be. */
    private static final int PRECISION = 20;

    private final Libc.Calls libc;

    public Terminals(Libc.Calls libc) {
        this.libc = libc;
    }

    @Override
    public boolean isTerminal(int fd) {
        return fd >= 0 && libc.isatty(fd) == 1;
    }

    /** Compares the sessions, because the master of a pseudo-terminal has that of its slave. */
    @Override
    public boolean isControlling(int fd) {
        return isTerminal(fd) && libc.tcgetsid(fd) == libc.getsid(THIS_PROCESS);
    }

    /** Takes {@code struct winsize { unsigned short ws_row, ws_col, ws_xpixel, ws_ypixel; }}. */
    @Override
    public WindowSize windowSize(int fd) throws PollerException {
        Posix.requireDescriptor("ioctl", fd);
        Scratch scratch = Scratch.mine();
        require(libc.ioctl(fd, TIOCGWINSZ, scratch.address(Scratch.VALUE)), "ioctl", fd);
        return new WindowSize(
                Short.toUnsignedInt(scratch.block().getShort(Scratch.VALUE)),
                Short.toUnsignedInt(scratch.block().getShort(Scratch.VALUE + Short.BYTES)));
    }

    @Override
    public void setWindowSize(int fd, WindowSize size) throws PollerException {
        Posix.requireDescriptor("ioctl", fd);
        Scratch scratch = Scratch.mine();
        scratch.block()
                .putShort(Scratch.VALUE, (short) size.rows())
                .putShort(Scratch.VALUE + Short.BYTES, (short) size.columns())
                .putInt(Scratch.VALUE + Integer.BYTES, 0);
        require(libc.ioctl(fd, TIOCSWINSZ, scratch.address(Scratch.VALUE)), "ioctl", fd);
    }

    @Override
    public TerminalModes modes(int fd) throws PollerException {
        return new TerminalModes(read(fd).bytes());
    }

    @Override
    public void restore(int fd, TerminalModes modes) throws PollerException {
        byte[] state = modes.state();
        if (state.length != layout().bytes()) {
            throw new IllegalArgumentException("these modes are not of this system");
        }
        Posix.requireDescriptor("tcsetattr", fd);
        scratch().set(state);
        write(fd);
    }

    @Override
    public void setRaw(int fd) throws PollerException {
        read(fd).makeRaw();
        write(fd);
    }

    @Override
    public void setCooked(int fd) throws PollerException {
        read(fd).makeCooked();
        write(fd);
    }

    @Override
    public LineSettings lineSettings(int fd) throws PollerException {
        return read(fd).line();
    }

    /** A device ignores what it cannot do, so this reads back what it has done. */
    @Override
    public void setLineSettings(int fd, LineSettings settings) throws PollerException {
        Termios termios = read(fd);
        byte[] former = termios.bytes();
        if (!termios.setLine(settings)) {
            throw refusal(fd, "parity " + settings.parity() + " requires Linux");
        }
        write(fd);
        LineSettings actual = read(fd).line();
        if (!isNear(settings, actual)) {
            scratch().set(former);
            write(fd);
            throw refusal(fd, "the device does not support " + settings + " and uses " + actual);
        }
    }

    @Override
    public Set<ModemLine> modemLines(int fd) throws PollerException {
        Scratch scratch = Scratch.mine();
        scratch.block().putInt(Scratch.VALUE, 0);
        request(fd, LineRequest.TIOCMGET, scratch.address(Scratch.VALUE), "modem lines");
        return LineRequest.lines(scratch.block().getInt(Scratch.VALUE));
    }

    @Override
    public void setModemLine(int fd, ModemLine line, boolean active) throws PollerException {
        if (!line.isOutput()) {
            throw new IllegalArgumentException("the device sets " + line + "; set DTR or RTS");
        }
        Scratch scratch = Scratch.mine();
        scratch.block().putInt(Scratch.VALUE, LineRequest.bit(line));
        request(
                fd,
                active ? LineRequest.TIOCMBIS : LineRequest.TIOCMBIC,
                scratch.address(Scratch.VALUE),
                "modem lines");
    }

    @Override
    public boolean isOutputSent(int fd) throws PollerException {
        Scratch scratch = Scratch.mine();
        long address = scratch.address(Scratch.VALUE);
        scratch.block().putInt(Scratch.VALUE, 0);
        request(fd, LineRequest.TIOCOUTQ, address, "output");
        if (scratch.block().getInt(Scratch.VALUE) != 0) {
            return false;
        }
        long state = LineRequest.TIOCSERGETLSR.number(layout());
        return state == LineRequest.NONE
                || libc.ioctl(fd, state, address) < 0
                || (scratch.block().getInt(Scratch.VALUE) & LineRequest.TIOCSER_TEMT) != 0;
    }

    @Override
    public void setBreak(int fd, boolean active) throws PollerException {
        request(fd, active ? LineRequest.TIOCSBRK : LineRequest.TIOCCBRK, 0, "break");
    }

    private void request(int fd, LineRequest request, long argument, String what)
            throws PollerException {
        long number = request.number(layout());
        Posix.requireDescriptor("ioctl", fd);
        if (libc.ioctl(fd, number, argument) >= 0) {
            return;
        }
        Errno errno = Posix.errno(Posix.errno());
        if (errno == Errno.ENOTTY || errno == Errno.EINVAL) {
            throw new PollerException(
                    "ioctl",
                    request.name(),
                    fd,
                    errno,
                    "this device has no " + what + "; only serial lines have");
        }
        throw Posix.failure("ioctl", request.name(), fd);
    }

    private static boolean isNear(LineSettings wanted, LineSettings actual) {
        LineSettings sameSpeed =
                new LineSettings(
                        wanted.baud(),
                        actual.dataBits(),
                        actual.parity(),
                        actual.stopBits(),
                        actual.flowControl());
        long deviation = Math.abs((long) wanted.baud() - actual.baud());
        return wanted.equals(sameSpeed) && deviation * PRECISION <= wanted.baud();
    }

    private static PollerException refusal(int fd, String explanation) {
        return new PollerException("tcsetattr", "", fd, Errno.EINVAL, explanation);
    }

    private static TermiosLayout layout() {
        if (LAYOUT == null) {
            throw new UnsupportedOperationException(
                    "the layout of struct termios is not known for "
                            + System.getProperty("os.name")
                            + " on "
                            + System.getProperty("os.arch")
                            + "; use stty(1)");
        }
        return LAYOUT;
    }

    private static Termios scratch() {
        return new Termios(layout(), Scratch.mine().block(), Scratch.VALUE);
    }

    /** Reads the struct into this thread's scratch memory. */
    private Termios read(int fd) throws PollerException {
        TermiosLayout layout = layout();
        Posix.requireDescriptor("tcgetattr", fd);
        long address = Scratch.mine().address(Scratch.VALUE);
        require(
                layout.isLinux() ? libc.ioctl(fd, TCGETS2, address) : libc.tcgetattr(fd, address),
                "tcgetattr",
                fd);
        return scratch();
    }

    /** Writes the struct from this thread's scratch memory. */
    private void write(int fd) throws PollerException {
        long address = Scratch.mine().address(Scratch.VALUE);
        int result;
        do {
            result =
                    layout().isLinux()
                            ? libc.ioctl(fd, TCSETS2, address)
                            : libc.tcsetattr(fd, TCSANOW, address);
        } while (result < 0 && Posix.errno() == Posix.EINTR);
        require(result, "tcsetattr", fd);
    }

    private static void require(int result, String syscall, int fd) throws PollerException {
        if (result < 0) {
            throw Posix.failure(syscall, "", fd);
        }
    }
}
