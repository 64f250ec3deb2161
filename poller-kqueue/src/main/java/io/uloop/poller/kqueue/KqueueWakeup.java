package io.uloop.poller.kqueue;

import io.uloop.poller.PollerException;
import io.uloop.poller.kqueue.KqueueCalls.Calls;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.file.WakeupDescriptor;
import io.uloop.poller.spi.Registrations;
import org.jspecify.annotations.Nullable;

/**
 * Wakes a thread that waits on one kqueue, with a user filter, or with a pipe where the system has
 * none. Not thread-safe: call from the loop's thread. Only {@link #signal} is thread-safe.
 */
final class KqueueWakeup {
    private final Calls calls;
    private final int kq;

    /** Holds the trigger, which never changes. Unused with a pipe. */
    private final KqueueChanges changes;

    private final @Nullable WakeupDescriptor pipe;

    private KqueueWakeup(
            Calls calls, int kq, KqueueChanges changes, @Nullable WakeupDescriptor pipe) {
        this.calls = calls;
        this.kq = kq;
        this.changes = changes;
        this.pipe = pipe;
    }

    /**
     * Registers the best kind of wakeup that this system has.
     *
     * @throws PollerException EMFILE, ENFILE, ENOMEM
     */
    static KqueueWakeup open(Calls calls, KqueueAbi abi, int kq) throws PollerException {
        KqueueChanges changes = new KqueueChanges(abi);
        WakeupDescriptor pipe = null;
        try {
            if (!addUserFilter(calls, abi, kq, changes)) {
                pipe = WakeupDescriptor.openPipe();
                addPipe(calls, kq, changes, pipe);
            }
            return new KqueueWakeup(calls, kq, changes, pipe);
        } catch (PollerException | Error e) {
            changes.free();
            if (pipe != null) {
                pipe.close();
            }
            throw e;
        }
    }

    /**
     * Adds an EV_CLEAR filter, which is reset once it has been reported. Returns false if the
     * system has no user filters.
     */
    private static boolean addUserFilter(Calls calls, KqueueAbi abi, int kq, KqueueChanges changes)
            throws PollerException {
        int filter = abi.userFilter();
        if (filter == KqueueAbi.NONE) {
            return false;
        }
        changes.add(0, filter, KqueueCalls.EV_CLEAR, Registrations.NO_TOKEN);
        changes.submit(calls, kq);
        int errno = changes.errno(0);
        changes.clear();
        if (errno == Posix.EINVAL) {
            return false; // an old OpenBSD
        }
        if (errno != 0) {
            throw Posix.failure("kevent", "ADD EVFILT_USER", kq, errno);
        }
        changes.trigger(filter, Registrations.NO_TOKEN);
        return true;
    }

    /**
     * Adds the pipe level-triggered, because a full pipe has no more edges. {@link #drain} empties
     * it.
     */
    private static void addPipe(Calls calls, int kq, KqueueChanges changes, WakeupDescriptor pipe)
            throws PollerException {
        changes.add(pipe.fd(), KqueueCalls.EVFILT_READ, 0, Registrations.NO_TOKEN);
        changes.submit(calls, kq);
        if (changes.errno(0) != 0) {
            throw Posix.failure("kevent", "ADD", pipe.fd(), changes.errno(0));
        }
    }

    boolean owns(int fd) {
        return pipe != null && pipe.owns(fd);
    }

    /** Ends the current or the next wait. Never blocks or throws. */
    void signal() {
        if (pipe != null) {
            pipe.signal();
            return;
        }
        int made;
        do {
            made = calls.kevent(kq, changes.changes(), 1, 0, 0, changes.noWait());
        } while (made < 0
                && Posix.errno() == Posix.EINTR); // nothing else fails, because the filter exists
    }

    /** Drains the signals after they have been reported. */
    void drain() {
        if (pipe != null) {
            pipe.drain();
        }
    }

    void close() {
        if (pipe != null) {
            pipe.close();
        }
        changes.free();
    }
}
