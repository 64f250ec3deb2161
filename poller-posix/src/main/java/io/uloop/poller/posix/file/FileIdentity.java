package io.uloop.poller.posix.file;

import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.EpollCalls;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Scratch;
import java.nio.ByteBuffer;

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

    // The same on every system.
    private static final int S_IFMT = 0xF000;
    private static final int S_IFIFO = 0x1000;
    private static final int S_IFDIR = 0x4000;
    private static final int S_IFREG = 0x8000;
    private static final int S_IFSOCK = 0xC000;

    /**
     * Looks up the identity of a descriptor.
     *
     * @param fd any number
     * @return its current identity
     * @throws PollerException EBADF if it is not open
     */
    public static FileIdentity of(int fd) throws PollerException {
        Scratch scratch = Scratch.mine();
        if (StatusLayout.fstat(fd, scratch.address(Scratch.VALUE)) < 0) {
            throw Posix.failure("fstat", "", fd);
        }
        StatusLayout layout = StatusLayout.HERE;
        ByteBuffer block = scratch.block();
        return new FileIdentity(
                layout.device(block, Scratch.VALUE),
                layout.inode(block, Scratch.VALUE),
                kind(layout.mode(block, Scratch.VALUE)));
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

    private static Kind kind(int mode) {
        return switch (mode & S_IFMT) {
            case S_IFREG, S_IFDIR -> Kind.FILE;
            case S_IFSOCK -> Kind.SOCKET;
            case S_IFIFO -> Kind.PIPE;
            default -> Kind.OTHER;
        };
    }
}
