package io.uloop.poller;

import java.io.IOException;

/**
 * Thrown when a system call fails, or would fail. It names the call, the descriptor, the errno and
 * the remedy. The same mistake has the same errno on every backend.
 *
 * @since 0.1
 */
public final class PollerException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The name of the system call. */
    private final String syscall;

    /** The descriptor, or -1. */
    private final int fd;

    /** The error of the system call. */
    private final Errno errno;

    /**
     * Creates an exception with a message like {@code "epoll_ctl(ADD, fd=12): EEXIST: already
     * registered"}.
     *
     * @param syscall the name of the call, such as {@code "epoll_ctl"}
     * @param detail its other relevant arguments, such as {@code "ADD"}; may be empty
     * @param fd the descriptor, or -1 if the call has none
     * @param errno the errno, such as {@link Errno#EEXIST}
     * @param explanation the meaning of the errno here and the remedy; for {@link Errno#OTHER} it
     *     begins with the name or the number
     */
    public PollerException(String syscall, String detail, int fd, Errno errno, String explanation) {
        super(
                syscall
                        + '('
                        + detail
                        + (detail.isEmpty() || fd == -1 ? "" : ", ")
                        + (fd == -1 ? "" : "fd=" + fd)
                        + "): "
                        + (errno == Errno.OTHER ? "" : errno + ": ")
                        + explanation);
        this.syscall = syscall;
        this.fd = fd;
        this.errno = errno;
    }

    /** {@return the name of the failed call as in its manual page, such as {@code "epoll_ctl"}} */
    public String syscall() {
        return syscall;
    }

    /** {@return the descriptor of the failed call; -1 if it had none or it was -1} */
    public int fd() {
        return fd;
    }

    /** {@return the errno, such as {@link Errno#EEXIST}} */
    public Errno errno() {
        return errno;
    }
}
