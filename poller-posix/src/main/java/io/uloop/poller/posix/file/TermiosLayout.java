package io.uloop.poller.posix.file;

import io.uloop.poller.posix.call.OperatingSystem;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where {@code struct termios} has its fields, and the numbers of its flags. It is only data, so
 * that each system can be tested on any other.
 *
 * <pre>
 * Linux, struct termios2    c_iflag c_oflag c_cflag c_lflag (4 bytes each), c_line (1), c_cc[19],
 *                           c_ispeed c_ospeed (4); of the kernel, so the same in every C library
 * BSD                       four flags (4), c_cc[20], c_ispeed c_ospeed (4)
 * macOS                     four flags (8), c_cc[20], padding (4), c_ispeed c_ospeed (8)
 * </pre>
 *
 * @param bytes the size of the struct
 * @param wordBytes the size of a flag field and of a speed
 * @param controlOffset the offset of c_cc
 * @param speedOffset the offset of c_ispeed
 * @param system the system, whose flags are used
 */
record TermiosLayout(
        int bytes, int wordBytes, int controlOffset, int speedOffset, OperatingSystem system) {
    /** Returned by {@link #flag} if the system has no such flag. */
    static final long NONE = 0;

    /** The flags, with their numbers on Linux and on the systems that descend from 4.4BSD. */
    enum Flag {
        // c_iflag
        IGNBRK(1, 1),
        BRKINT(2, 2),
        PARMRK(8, 8),
        INPCK(0x10, 0x10),
        ISTRIP(0x20, 0x20),
        INLCR(0x40, 0x40),
        IGNCR(0x80, 0x80),
        ICRNL(0x100, 0x100),
        IXON(0x400, 0x200),
        IXOFF(0x1000, 0x400),
        // c_oflag
        OPOST(1, 1),
        ONLCR(4, 2),
        // c_cflag
        CSIZE(0x30, 0x300),
        CS6(0x10, 0x100),
        CSTOPB(0x40, 0x400),
        CREAD(0x80, 0x800),
        PARENB(0x100, 0x1000),
        PARODD(0x200, 0x2000),
        CLOCAL(0x800, 0x8000),
        CMSPAR(0x4000_0000L, NONE),
        CRTSCTS(0x8000_0000L, 0x3_0000L),
        /** The code of the speed, or of another speed than those that have a code. */
        CBAUD(0x100F, NONE),
        CIBAUD(0x100F_0000L, NONE),
        BOTHER(0x1000, NONE),
        // c_lflag
        ISIG(1, 0x80),
        ICANON(2, 0x100),
        ECHO(8, 8),
        ECHOE(0x10, 2),
        ECHOK(0x20, 4),
        ECHONL(0x40, 0x10),
        IEXTEN(0x8000, 0x400);

        private final long linux;
        private final long bsd;

        Flag(long linux, long bsd) {
            this.linux = linux;
            this.bsd = bsd;
        }
    }

    /** The speeds with the codes from 1 up on Linux. */
    private static final int[] LOW_SPEEDS = {
        50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19_200, 38_400
    };

    /** The speeds with the codes from BOTHER + 1 up on Linux. */
    private static final int[] HIGH_SPEEDS = {
        57_600, 115_200, 230_400, 460_800, 500_000, 576_000, 921_600, 1_000_000, 1_152_000,
        1_500_000, 2_000_000, 2_500_000, 3_000_000, 3_500_000, 4_000_000
    };

    private static final long OPENBSD_CRTSCTS = 0x1_0000L;

    /**
     * Returns the layout of a system.
     *
     * @param architecture as in the system property {@code os.arch}; Linux has other numbers on
     *     MIPS, PowerPC, SPARC and Alpha
     * @return the layout, or null if it is not known
     */
    static @Nullable TermiosLayout of(OperatingSystem system, String architecture) {
        return switch (system) {
            case LINUX ->
                    architecture.matches("amd64|x86_64|aarch64|riscv64|s390x|loongarch64")
                            ? new TermiosLayout(44, 4, 17, 36, system)
                            : null;
            case DARWIN -> new TermiosLayout(72, 8, 32, 56, system);
            case FREEBSD, OPENBSD, DRAGONFLY -> new TermiosLayout(44, 4, 16, 36, system);
            case LINUX_ON_MIPS, UNKNOWN -> null;
        };
    }

    boolean isLinux() {
        return system.isLinux();
    }

    /** {@return the number of a flag, or {@link #NONE}} */
    long flag(Flag flag) {
        if (isLinux()) {
            return flag.linux;
        }
        return flag == Flag.CRTSCTS && system == OperatingSystem.OPENBSD
                ? OPENBSD_CRTSCTS
                : flag.bsd;
    }

    /**
     * Returns the code of a speed in c_cflag. Linux has codes for common speeds, by which other
     * programs recognize them, and one for all others. Other systems need none.
     */
    long speedCode(int baud) {
        if (!isLinux()) {
            return NONE;
        }
        int low = Arrays.binarySearch(LOW_SPEEDS, baud);
        if (low >= 0) {
            return low + 1L;
        }
        int high = Arrays.binarySearch(HIGH_SPEEDS, baud);
        return flag(Flag.BOTHER) + (high >= 0 ? high + 1 : 0);
    }

    int inputOffset() {
        return 0;
    }

    int outputOffset() {
        return wordBytes;
    }

    int controlFlagsOffset() {
        return 2 * wordBytes;
    }

    int localOffset() {
        return 3 * wordBytes;
    }

    /** {@return the offset of c_cc[VMIN], the least number of bytes that a read waits for} */
    int minimumOffset() {
        return controlOffset + (isLinux() ? 6 : 16);
    }

    /** {@return the offset of c_cc[VTIME], how long a read waits for them} */
    int timeOffset() {
        return controlOffset + (isLinux() ? 5 : 17);
    }
}
