package io.uloop.poller;

import java.io.IOException;

/**
 * A system call that failed, or would have: which one, on which descriptor, with which errno, and
 * what to do. The errno of one mistake is the same on every backend.
 */
public final class PollerException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The call's name. */
    private final String syscall;

    /** The descriptor or -1. */
    private final int fd;

    /** The symbolic errno. */
    private final String errno;

    /**
     * Makes one that reads {@code "epoll_ctl(ADD, fd=12): EEXIST: already registered"}.
     *
     * @param syscall the call's name, {@code "epoll_ctl"}
     * @param detail its other telling arguments, {@code "ADD"}; may be empty
     * @param fd the descriptor, or -1 when the call has none
     * @param errno the symbolic errno, {@code "EEXIST"}
     * @param explanation what it means here and what to do
     */
    public PollerException(
            String syscall, String detail, int fd, String errno, String explanation) {
        super(
                syscall
                        + '('
                        + detail
                        + (detail.isEmpty() || fd == -1 ? "" : ", ")
                        + (fd == -1 ? "" : "fd=" + fd)
                        + "): "
                        + errno
                        + ": "
                        + explanation);
        this.syscall = syscall;
        this.fd = fd;
        this.errno = errno;
    }

    /**
     * The call that failed. Any thread.
     *
     * @return its name as in the manual, {@code "epoll_ctl"}
     */
    public String syscall() {
        return syscall;
    }

    /**
     * The descriptor it failed on. Any thread.
     *
     * @return the number, -1 if there is none or it was -1
     */
    public int fd() {
        return fd;
    }

    /**
     * The errno by name. Any thread.
     *
     * @return the symbol, {@code "EEXIST"}
     * @see <a href="https://man7.org/linux/man-pages/man3/errno.3.html">errno(3)</a>
     */
    public String errno() {
        return errno;
    }
}
