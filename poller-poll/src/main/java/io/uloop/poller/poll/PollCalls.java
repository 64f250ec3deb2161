package io.uloop.poller.poll;

import io.uloop.poller.UEvent;
import io.uloop.poller.posix.Posix;

/**
 * The calls and bits of poll(2). POLLIN, POLLPRI, POLLOUT, POLLERR, POLLHUP and POLLNVAL have the
 * same values on every system, those of {@link UEvent}. POLLRDHUP has that value only on Linux.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/poll.2.html">poll(2)</a>
 */
final class PollCalls {
    /** Bound once per process. */
    static final Calls CALLS = Posix.bind(Calls.class);

    /** The events that this system's kernel accepts. */
    static final int INTERESTS =
            System.getProperty("os.name").equals("Linux")
                    ? UEvent.INTERESTS
                    : UEvent.INTERESTS & ~UEvent.RDHUP;

    private PollCalls() {}

    /** Public only for JNR's stubs. Addresses and counts are {@code long}; 0 is NULL. */
    public interface Calls {
        int poll(long descriptors, long count, int timeoutMillis);

        /** Exists on Linux, FreeBSD and OpenBSD. */
        int ppoll(long descriptors, long count, long timespec, long signalMask);
    }
}
