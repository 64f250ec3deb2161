package io.uloop.poller.posix.call;

import jnr.ffi.annotations.IgnoreError;

/**
 * The calls of poll(2). Addresses and counts are {@code long}; 0 is NULL. POLLIN, POLLPRI, POLLOUT,
 * POLLERR, POLLHUP and POLLNVAL have the same values on every system, those of {@link
 * io.uloop.poller.UEvent}. POLLRDHUP has that value only on Linux.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/poll.2.html">poll(2)</a>
 */
public interface PollCalls {
    int poll(long descriptors, long count, int timeoutMillis);

    /** poll without errno, see {@link FunctionName#QUICK}. */
    @IgnoreError
    int quick_poll(long descriptors, long count, int timeoutMillis);

    /** Exists on Linux, FreeBSD and OpenBSD. */
    int ppoll(long descriptors, long count, long timespec, long signalMask);
}
