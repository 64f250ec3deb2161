package io.uloop.poller.posix;

import java.util.Arrays;
import jnr.constants.platform.Errno;

/**
 * The numbers that have turned out not to be sockets. A hint, for any thread and without a lock:
 * the calls for files work on sockets too, and those for sockets tell a file, so an entry that is
 * wrong costs time and nothing else.
 */
final class NoSockets {
    private static final int ENOTSOCK = Errno.ENOTSOCK.intValue();

    private volatile boolean[] entries = new boolean[64];

    boolean has(int fd) {
        boolean[] current = entries;
        return fd < current.length && current[fd];
    }

    /** After a failed call: true if it failed because this is no socket, which is kept in mind. */
    boolean turnedOut(int fd) {
        if (Posix.errno() != ENOTSOCK) {
            return false;
        }
        boolean[] current = entries;
        if (fd >= current.length) {
            current = Arrays.copyOf(current, Math.max(fd + 1, current.length * 2));
        }
        current[fd] = true;
        entries = current;
        return true;
    }

    void remove(int fd) {
        boolean[] current = entries;
        if (fd < current.length) {
            current[fd] = false;
        }
    }
}
