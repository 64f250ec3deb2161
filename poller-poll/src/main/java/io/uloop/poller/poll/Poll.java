package io.uloop.poller.poll;

import io.uloop.poller.UEvent;
import io.uloop.poller.posix.Posix;

/**
 * poll(2): its calls, and which of its bits this system has. POLLIN, PRI, OUT, ERR, HUP and NVAL
 * have one value on every system, that of {@link UEvent}; POLLRDHUP has it on Linux only.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/poll.2.html">poll(2)</a>
 */
final class Poll {
    /** Bound once per process. */
    static final Calls CALLS = Posix.bind(Calls.class);

    /** What may be asked of the kernel here. */
    static final int INTERESTS =
            System.getProperty("os.name").equals("Linux")
                    ? UEvent.INTERESTS
                    : UEvent.INTERESTS & ~UEvent.RDHUP;

    static final int SUPPORTED_EVENTS = INTERESTS | UEvent.OUTPUT_ONLY | UEvent.ONESHOT;

    private Poll() {}

    /** Public for JNR's stubs alone. Addresses and counts are {@code long}, 0 for NULL. */
    public interface Calls {
        int poll(long descriptors, long count, int timeoutMillis);

        /** Linux, FreeBSD, OpenBSD. */
        int ppoll(long descriptors, long count, long timespec, long signalMask);
    }
}
