package io.uloop.poller.posix.file;

import io.uloop.poller.Errno;
import io.uloop.poller.posix.call.Posix;
import java.util.Arrays;

/**
 * A set of file descriptors that are known not to be sockets. It is only a hint: the calls for
 * files also work on sockets, and the calls for sockets fail with ENOTSOCK on files, so a wrong
 * entry costs only time. Lock-free and thread-safe.
 */
final class NoSockets {
    private static final int ENOTSOCK = Posix.number(Errno.ENOTSOCK);

    private volatile boolean[] entries = new boolean[64];

    boolean has(int fd) {
        boolean[] current = entries;
        return fd < current.length && current[fd];
    }

    /**
     * Handles a failed call: returns true, and remembers the descriptor, if it failed because the
     * descriptor is not a socket.
     */
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
