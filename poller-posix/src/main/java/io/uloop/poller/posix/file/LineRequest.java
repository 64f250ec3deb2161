package io.uloop.poller.posix.file;

import io.uloop.poller.ModemLine;
import java.util.EnumSet;
import java.util.Set;

/**
 * The numbers of ioctl(2) for the control lines of a serial line. They belong to the systems and
 * processors for which a {@link TermiosLayout} is known. Like that, they are only data.
 */
enum LineRequest {
    TIOCMGET(0x5415, 0x4004746AL),
    TIOCMBIS(0x5416, 0x8004746CL),
    TIOCMBIC(0x5417, 0x8004746BL),
    TIOCSBRK(0x5427, 0x2000747BL),
    TIOCCBRK(0x5428, 0x2000747AL),
    TIOCOUTQ(0x5411, 0x40047473L),
    /** Reads the state of the transmitter, where the driver has it. */
    TIOCSERGETLSR(0x5459, LineRequest.NONE);

    static final long NONE = -1;

    /** The bit of TIOCSERGETLSR for an empty transmitter. */
    static final int TIOCSER_TEMT = 1;

    private final long linux;
    private final long bsd;

    LineRequest(long linux, long bsd) {
        this.linux = linux;
        this.bsd = bsd;
    }

    /** {@return the number, or {@link #NONE}} */
    long number(TermiosLayout layout) {
        return layout.isLinux() ? linux : bsd;
    }

    /** {@return the bit of a line in the value of TIOCMGET, the same on these systems} */
    static int bit(ModemLine line) {
        return switch (line) {
            case DTR -> 0x2;
            case RTS -> 0x4;
            case CTS -> 0x20;
            case DCD -> 0x40;
            case RI -> 0x80;
            case DSR -> 0x100;
        };
    }

    static Set<ModemLine> lines(int bits) {
        Set<ModemLine> lines = EnumSet.noneOf(ModemLine.class);
        for (ModemLine line : ModemLine.values()) {
            if ((bits & bit(line)) != 0) {
                lines.add(line);
            }
        }
        return lines;
    }
}
