package io.uloop.poller.posix.call;

/**
 * The systems whose C library this module knows, in the order of the columns of {@link Constant}.
 */
public enum OperatingSystem {
    /** Linux on all architectures but MIPS. */
    LINUX,
    /** Linux on MIPS, which has the constants of another Unix. */
    LINUX_ON_MIPS,
    DARWIN,
    FREEBSD,
    OPENBSD,
    DRAGONFLY,
    /** Any other: its constants and struct layouts are not known here. */
    UNKNOWN;

    /** The system of this process. */
    public static final OperatingSystem HERE =
            of(System.getProperty("os.name"), System.getProperty("os.arch"));

    /** Returns the system with these names in a JVM. */
    static OperatingSystem of(String name, String architecture) {
        return switch (name) {
            case "Linux" -> architecture.startsWith("mips") ? LINUX_ON_MIPS : LINUX;
            case "Mac OS X", "Darwin" -> DARWIN;
            case "FreeBSD" -> FREEBSD;
            case "OpenBSD" -> OPENBSD;
            case "DragonFly", "DragonFlyBSD" -> DRAGONFLY;
            default -> UNKNOWN;
        };
    }

    public boolean isLinux() {
        return this == LINUX || this == LINUX_ON_MIPS;
    }

    /** {@return whether the C library descends from that of 4.4BSD} */
    public boolean isBsd() {
        return !isLinux() && this != UNKNOWN;
    }

    /** Returns the number of this system out of one for each known system. */
    int choose(int linux, int linuxOnMips, int darwin, int freebsd, int openbsd, int dragonfly) {
        return switch (this) {
            case LINUX -> linux;
            case LINUX_ON_MIPS -> linuxOnMips;
            case DARWIN -> darwin;
            case FREEBSD -> freebsd;
            case OPENBSD -> openbsd;
            case DRAGONFLY -> dragonfly;
            case UNKNOWN -> Constant.NONE;
        };
    }
}
