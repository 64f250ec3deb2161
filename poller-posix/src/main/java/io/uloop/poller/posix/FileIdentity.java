package io.uloop.poller.posix;

import java.io.IOException;
import jnr.posix.FileStat;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/**
 * Which file a descriptor stands for, and of what kind, by fstat(2). Two different identities prove
 * two different files; two equal ones prove nothing, because eventfds and their like share one
 * inode.
 *
 * @param device the device that holds the file
 * @param inode its number there
 * @param kind what sort of file it is
 * @see <a href="https://man7.org/linux/man-pages/man2/fstat.2.html">fstat(2)</a>
 */
public record FileIdentity(long device, long inode, Kind kind) {
    /** What a poller needs to know of a file. */
    public enum Kind {
        /** A regular file or directory: always ready, so kernels refuse to watch it. */
        FILE,
        /** A socket of any family. */
        SOCKET,
        /** A pipe or FIFO. */
        PIPE,
        /** A terminal, another device, an eventfd and its like. */
        OTHER
    }

    private static final POSIX POSIX_CALLS = POSIXFactory.getNativePOSIX();

    /**
     * Looks at a descriptor.
     *
     * @param fd any number
     * @return its identity now
     * @throws IOException EBADF if it is not open
     */
    public static FileIdentity of(int fd) throws IOException {
        FileStat status = POSIX_CALLS.allocateStat();
        if (POSIX_CALLS.fstat(fd, status) < 0) {
            throw Posix.failure("fstat", "", fd, POSIX_CALLS.errno());
        }
        return new FileIdentity(status.dev(), status.ino(), kind(status));
    }

    /**
     * Tells whether a kernel can wait for this file. Regular files and directories are always
     * ready; only Linux has some that are not, in sysfs and /proc, and only epoll knows them.
     *
     * @param fd the descriptor that this is the identity of
     * @return false where epoll would say EPERM
     * @throws IOException EMFILE, ENFILE, ENOMEM, ENOSPC if a regular file cannot be asked about;
     *     EBADF if it has been closed
     */
    public boolean isWatchable(int fd) throws IOException {
        if (kind != Kind.FILE) {
            return true;
        }
        return Linux.HERE && isAcceptedByEpoll(fd);
    }

    private static boolean isAcceptedByEpoll(int fd) throws IOException {
        int epfd = Linux.CALLS.epoll_create1(Opener.O_CLOEXEC);
        if (epfd < 0) {
            if (Posix.isRefusedByKernel(Posix.errno())) {
                return false; // nobody can ask epoll here, and no other call knows such files
            }
            throw Posix.failure("epoll_create1", "", -1);
        }
        Memory event = Memory.allocate(Linux.EPOLL_EVENT_BYTES);
        try {
            if (Linux.CALLS.epoll_ctl(epfd, Linux.EPOLL_CTL_ADD, fd, event.address()) == 0) {
                return true;
            }
            int errno = Posix.errno();
            if (errno != Posix.EPERM) {
                throw Posix.failure("epoll_ctl", "ADD", fd, errno);
            }
            return false;
        } finally {
            event.free();
            Libc.CALLS.close(epfd);
        }
    }

    private static Kind kind(FileStat status) {
        if (status.isFile() || status.isDirectory()) {
            return Kind.FILE;
        }
        if (status.isSocket()) {
            return Kind.SOCKET;
        }
        return status.isFifo() ? Kind.PIPE : Kind.OTHER;
    }
}
