package io.uloop.poller.kqueue;

import io.uloop.poller.posix.Posix;
import io.uloop.poller.posix.WakeupDescriptor;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Wakes a thread that waits on one kqueue, with a user filter, or with a pipe where the system has
 * none. Not thread-safe: call from the loop's thread. Only {@link #signal} is thread-safe.
 */
final class KqueueWakeup {
    /**
     * Distinct from every registration's token, which has an odd generation and an fd of 0 or more.
     */
    static final long TOKEN = -1;

    private final KqueueNative.Calls calls;
    private final int kq;

    /** Holds the trigger, which never changes. Unused with a pipe. */
    private final KqueueChanges changes;

    private final @Nullable WakeupDescriptor pipe;

    private KqueueWakeup(
            KqueueNative.Calls calls,
            int kq,
            KqueueChanges changes,
            @Nullable WakeupDescriptor pipe) {
        this.calls = calls;
        this.kq = kq;
        this.changes = changes;
        this.pipe = pipe;
    }

    /**
     * Registers the best kind of wakeup that this system has.
     *
     * @throws IOException EMFILE, ENFILE, ENOMEM
     */
    static KqueueWakeup open(KqueueNative.Calls calls, KqueueAbi abi, int kq) throws IOException {
        KqueueChanges changes = new KqueueChanges(abi);
        WakeupDescriptor pipe = null;
        try {
            if (!addUserFilter(calls, abi, kq, changes)) {
                pipe = WakeupDescriptor.openPipe();
                addPipe(calls, kq, changes, pipe);
            }
            return new KqueueWakeup(calls, kq, changes, pipe);
        } catch (IOException | Error e) {
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
    private static boolean addUserFilter(
            KqueueNative.Calls calls, KqueueAbi abi, int kq, KqueueChanges changes)
            throws IOException {
        int filter = abi.userFilter();
        if (filter == KqueueAbi.NONE) {
            return false;
        }
        changes.add(0, filter, KqueueNative.EV_CLEAR, TOKEN);
        changes.submit(calls, kq);
        int errno = changes.errno(0);
        changes.clear();
        if (errno == Posix.EINVAL) {
            return false; // an old OpenBSD
        }
        if (errno != 0) {
            throw Posix.failure("kevent", "ADD EVFILT_USER", kq, errno);
        }
        changes.trigger(filter, TOKEN);
        return true;
    }

    /**
     * Adds the pipe level-triggered, because a full pipe has no more edges. {@link #drain} empties
     * it.
     */
    private static void addPipe(
            KqueueNative.Calls calls, int kq, KqueueChanges changes, WakeupDescriptor pipe)
            throws IOException {
        changes.add(pipe.fd(), KqueueNative.EVFILT_READ, 0, TOKEN);
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
