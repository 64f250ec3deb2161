package io.uloop.poller.posix.file;

import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.OperatingSystem;
import java.nio.ByteBuffer;

/**
 * The offsets in {@code struct stat} of 64-bit systems, from their headers. Thread-safe.
 *
 * @param device the offset of st_dev
 * @param deviceBytes its size
 * @param inode the offset of st_ino, which has 64 bits
 * @param mode the offset of st_mode
 * @param modeBytes its size
 */
record StatusLayout(int device, int deviceBytes, int inode, int mode, int modeBytes) {
    static final StatusLayout HERE = of(OperatingSystem.HERE, System.getProperty("os.arch"));

    /** The argument of __fxstat in glibc: the version of the struct. */
    private static final int STATUS_VERSION =
            System.getProperty("os.arch").equals("aarch64") ? 0 : 1;

    /** Whether this is glibc before 2.33. Found out by the first call. */
    private static volatile boolean lacksFstat;

    static StatusLayout of(OperatingSystem system, String architecture) {
        return switch (system) {
            case DARWIN -> new StatusLayout(0, 4, 8, 4, 2);
            case FREEBSD -> new StatusLayout(0, 8, 8, 24, 2); // since FreeBSD 12
            case OPENBSD -> new StatusLayout(4, 4, 8, 0, 4);
            case DRAGONFLY -> new StatusLayout(12, 4, 0, 16, 2);
            case LINUX_ON_MIPS -> new StatusLayout(0, 4, 16, 24, 4);
            default ->
                    switch (architecture) {
                        // Those whose kernel was ported last use its generic struct.
                        case "aarch64", "riscv64", "loongarch64" ->
                                new StatusLayout(0, 8, 8, 16, 4);
                        default -> new StatusLayout(0, 8, 8, 24, 4);
                    };
        };
    }

    /**
     * Calls fstat(2) under its name in the C library.
     *
     * @param status the address of a {@code struct stat}
     */
    static int fstat(int fd, long status) {
        if (!lacksFstat) {
            try {
                return isDarwinOnIntel()
                        ? Libc.CALLS.fstat$INODE64(fd, status)
                        : Libc.CALLS.fstat(fd, status);
            } catch (UnsatisfiedLinkError e) {
                lacksFstat = true;
            }
        }
        return Libc.CALLS.__fxstat(STATUS_VERSION, fd, status);
    }

    private static boolean isDarwinOnIntel() {
        return OperatingSystem.HERE == OperatingSystem.DARWIN
                && System.getProperty("os.arch").equals("x86_64");
    }

    long device(ByteBuffer block, int start) {
        return unsigned(block, start + device, deviceBytes);
    }

    long inode(ByteBuffer block, int start) {
        return block.getLong(start + inode);
    }

    int mode(ByteBuffer block, int start) {
        return (int) unsigned(block, start + mode, modeBytes);
    }

    private static long unsigned(ByteBuffer block, int index, int bytes) {
        return switch (bytes) {
            case Short.BYTES -> Short.toUnsignedLong(block.getShort(index));
            case Integer.BYTES -> Integer.toUnsignedLong(block.getInt(index));
            default -> block.getLong(index);
        };
    }
}
