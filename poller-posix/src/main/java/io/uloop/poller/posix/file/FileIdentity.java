package io.uloop.poller.posix.file;

import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.EpollCalls;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.Memory;
import jnr.posix.FileStat;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/**
 * The identity and kind of the file behind a descriptor, from fstat(2). Different identities prove
 * different files. Equal identities prove nothing, because eventfds and similar files share one
 * inode.
 *
 * @param device the device that holds the file
 * @param inode the file's number on that device
 * @param kind the kind of file
 * @see <a href="https://man7.org/linux/man-pages/man2/fstat.2.html">fstat(2)</a>
 */
public record FileIdentity(long device, long inode, Kind kind) {
    /** The kinds of file that pollers distinguish. */
    public enum Kind {
        /** A regular file or directory: always ready, so kernels refuse to poll it. */
        FILE,
        /** A socket of any family. */
        SOCKET,
        /** A pipe or FIFO. */
        PIPE,
        /** A terminal, any other device, an eventfd or a similar file. */
        OTHER
    }

    private static final POSIX POSIX_CALLS = POSIXFactory.getNativePOSIX();

    /**
     * Looks up the identity of a descriptor.
     *
     * @param fd any number
     * @return its current identity
     * @throws PollerException EBADF if it is not open
     */
    public static FileIdentity of(int fd) throws PollerException {
        FileStat status = POSIX_CALLS.allocateStat();
        if (POSIX_CALLS.fstat(fd, status) < 0) {
            throw Posix.failure("fstat", "", fd, POSIX_CALLS.errno());
        }
        return new FileIdentity(status.dev(), status.ino(), kind(status));
    }

    /**
     * Returns whether a kernel can wait for this file. Regular files and directories are always
     * ready. The exceptions are some files of Linux in sysfs and /proc, which only epoll supports.
     *
     * @param fd the descriptor of this identity
     * @return false where epoll fails with EPERM
     * @throws PollerException EMFILE, ENFILE, ENOMEM, ENOSPC if a regular file cannot be checked;
     *     EBADF if it has been closed
     */
    public boolean isWatchable(int fd) throws PollerException {
        if (kind != Kind.FILE) {
            return true;
        }
        return Linux.HERE && isAcceptedByEpoll(fd);
    }

    private static boolean isAcceptedByEpoll(int fd) throws PollerException {
        int epfd = Linux.CALLS.epoll_create1(EpollCalls.EPOLL_CLOEXEC);
        if (epfd < 0) {
            if (Posix.isRefusedByKernel(Posix.errno())) {
                return false; // epoll is unavailable here, and no other call supports such files
            }
            throw Posix.failure("epoll_create1", "", -1);
        }
        Memory event = Memory.allocate(Linux.EPOLL_EVENT_BYTES);
        try {
            if (Linux.CALLS.epoll_ctl(epfd, EpollCalls.EPOLL_CTL_ADD, fd, event.address()) == 0) {
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
