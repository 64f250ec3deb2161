package io.uloop.poller.posix;

import io.uloop.poller.spi.CloseCounts;
import java.io.IOException;
import jnr.constants.platform.Fcntl;

/** The I/O of the native backends; one object per process. */
public final class PosixDescriptors {
    /** The only one. */
    public static final PosixDescriptors INSTANCE = new PosixDescriptors();

    private final CloseCounts closeCounts = new CloseCounts();

    private PosixDescriptors() {}

    /**
     * What the native pollers learn closes from.
     *
     * @return the same object every time
     */
    public CloseCounts closeCounts() {
        return closeCounts;
    }

    /**
     * Tells whether a number is open; one fcntl(2).
     *
     * @param fd any number
     * @return false after EBADF
     */
    public boolean isOpen(int fd) {
        return Libc.CALLS.fcntl(fd, Fcntl.F_GETFD.intValue(), 0) >= 0;
    }

    int[] pipe() throws IOException {
        Memory ends = Memory.allocate(2 * Integer.BYTES);
        try {
            if (Linux.CALLS.pipe2(ends.address(), Linux.O_CLOEXEC | Linux.O_NONBLOCK) < 0) {
                throw Posix.failure("pipe2", "", -1);
            }
            return new int[] {ends.view().getInt(0), ends.view().getInt(Integer.BYTES)};
        } finally {
            ends.free();
        }
    }
}
