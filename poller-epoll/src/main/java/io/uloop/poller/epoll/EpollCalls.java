package io.uloop.poller.epoll;

import io.uloop.poller.posix.Posix;

/**
 * The constants and calls of epoll(7). The event bits are those of {@link io.uloop.poller.UEvent}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/epoll.7.html">epoll(7)</a>
 */
final class EpollCalls {
    /** Bound once per process. */
    static final Calls CALLS = Posix.bind(Calls.class);

    static final int EPOLL_CLOEXEC = 0x80000;

    static final int EPOLL_CTL_ADD = 1;
    static final int EPOLL_CTL_DEL = 2;
    static final int EPOLL_CTL_MOD = 3;

    private EpollCalls() {}

    /** Public only for JNR's stubs. Addresses are {@code long}; 0 is NULL. */
    public interface Calls {
        int epoll_create1(int flags);

        int epoll_ctl(int epfd, int operation, int fd, long event);

        int epoll_wait(int epfd, long events, int capacity, int timeoutMillis);

        /** Requires Linux 5.11 and glibc 2.35. */
        int epoll_pwait2(int epfd, long events, int capacity, long timespec, long signalMask);

        /** Replaces the file behind {@code number} by that of {@code fd}, atomically. */
        int dup3(int fd, int number, int flags);

        int close(int fd);
    }
}
