package io.uloop.poller.posix.call;

import jnr.ffi.annotations.IgnoreError;

/**
 * The constants and calls of epoll(7). Addresses are {@code long}; 0 is NULL. The event bits are
 * those of {@link io.uloop.poller.UEvent}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/epoll.7.html">epoll(7)</a>
 */
public interface EpollCalls {
    int EPOLL_CLOEXEC = 0x80000;

    int EPOLL_CTL_ADD = 1;
    int EPOLL_CTL_DEL = 2;
    int EPOLL_CTL_MOD = 3;

    int epoll_create1(int flags);

    int epoll_ctl(int epfd, int operation, int fd, long event);

    int epoll_wait(int epfd, long events, int capacity, int timeoutMillis);

    /** epoll_wait without errno, see {@link FunctionName#QUICK}. */
    @IgnoreError
    int quick_epoll_wait(int epfd, long events, int capacity, int timeoutMillis);

    /** Requires Linux 5.11 and glibc 2.35. */
    int epoll_pwait2(int epfd, long events, int capacity, long timespec, long signalMask);

    /** Replaces the file behind {@code number} by that of {@code fd}, atomically. */
    int dup3(int fd, int number, int flags);
}
