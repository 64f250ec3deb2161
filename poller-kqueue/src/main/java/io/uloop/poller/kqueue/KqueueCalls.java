package io.uloop.poller.kqueue;

import io.uloop.poller.PollerException;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.call.SixArgumentCall;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The calls of kqueue(2), and the constants that are the same on every system.
 *
 * @see <a href="https://man.freebsd.org/cgi/man.cgi?kqueue(2)">kqueue(2)</a>
 */
final class KqueueCalls {
    static final int EVFILT_READ = -1;
    static final int EVFILT_WRITE = -2;
    static final int EVFILT_PROC = -5;

    static final int EV_ADD = 0x1;
    static final int EV_DELETE = 0x2;
    static final int EV_ONESHOT = 0x10;
    static final int EV_CLEAR = 0x20;
    static final int EV_RECEIPT = 0x40;
    static final int EV_ERROR = 0x4000;
    static final int EV_EOF = 0x8000;

    static final int NOTE_TRIGGER = 0x01000000;
    static final int NOTE_EXIT = 0x80000000;

    private KqueueCalls() {}

    /** The calls as a poller uses them. Addresses are {@code long}; 0 is NULL. */
    interface Calls {
        int kqueue();

        /** Exists on OpenBSD; throws {@link UnsatisfiedLinkError} elsewhere. */
        int kqueue1(int flags);

        int kevent(
                int kq, long changes, int changeCount, long events, int eventCount, long timespec);

        int close(int fd);
    }

    /** The calls that are bound as an interface. Public only for the stubs. */
    public interface Stubs {
        int kqueue();

        int kqueue1(int flags);
    }

    /**
     * Binds the calls.
     *
     * @param library a library that replaces the C library, or null for the C library
     * @throws UnsatisfiedLinkError if it cannot be loaded or has no kevent
     */
    static Calls bind(@Nullable Path library) {
        SixArgumentCall kevent = SixArgumentCall.find(library, "kevent");
        return new Bound(
                library == null ? Posix.bind(Stubs.class) : Posix.bind(Stubs.class, library),
                kevent);
    }

    /**
     * Opens a close-on-exec kqueue.
     *
     * @return its descriptor
     * @throws PollerException EMFILE, ENFILE, ENOMEM
     */
    static int open(Calls calls, KqueueAbi abi) throws PollerException {
        if (abi.kqueue1Flags() != KqueueAbi.NONE) {
            try {
                return checked(calls.kqueue1(abi.kqueue1Flags()), "kqueue1");
            } catch (UnsatisfiedLinkError e) {
                // This system is older than kqueue1(2).
            }
        }
        int kq = checked(calls.kqueue(), "kqueue");
        try {
            PosixDescriptors.INSTANCE.setCloseOnExec(kq, true);
            return kq;
        } catch (PollerException e) {
            calls.close(kq);
            throw e;
        }
    }

    private static int checked(int kq, String syscall) throws PollerException {
        if (kq < 0) {
            throw Posix.failure(syscall, "", -1);
        }
        return kq;
    }

    private record Bound(Stubs stubs, SixArgumentCall kevent) implements Calls {
        @Override
        public int kqueue() {
            return stubs.kqueue();
        }

        @Override
        public int kqueue1(int flags) {
            return stubs.kqueue1(flags);
        }

        @Override
        public int kevent(
                int kq, long changes, int changeCount, long events, int eventCount, long timespec) {
            return (int) kevent.call(kq, changes, changeCount, events, eventCount, timespec);
        }

        @Override
        public int close(int fd) {
            return Libc.CALLS.close(fd);
        }
    }
}
