package io.uloop.poller.kqueue;

import io.uloop.poller.posix.Posix;
import io.uloop.poller.posix.WakeupDescriptor;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Ends a wait on one kqueue from another thread: by a user filter, or by a pipe where the system
 * has none. {@link #signal} is for any thread, the rest for the owner.
 */
final class KqueueWakeup {
    /**
     * No registration's token: a generation that is registered is odd, its descriptor not negative.
     */
    static final long TOKEN = -1;

    private final KqueueNative.Calls calls;
    private final int kq;

    /** Holds the trigger, which never changes once it is there. Unused with a pipe. */
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
     * Puts the best kind that this system has into a kqueue.
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

    /** EV_CLEAR: it is silent again once it has been reported. False if there is no such filter. */
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
            return false; // an OpenBSD that is too old for it
        }
        if (errno != 0) {
            throw Posix.failure("kevent", "ADD EVFILT_USER", kq, errno);
        }
        changes.trigger(filter, TOKEN);
        return true;
    }

    /**
     * By level, because a full pipe would give no more edges; {@link #drain} takes what is there.
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

    /** Ends the wait, this one or the next. Neither blocks nor throws. */
    void signal() {
        if (pipe != null) {
            pipe.signal();
            return;
        }
        int made;
        do {
            made = calls.kevent(kq, changes.changes(), 1, 0, 0, changes.noWait());
        } while (made < 0
                && Posix.errno() == Posix.EINTR); // nothing else fails: the filter is there
    }

    /** Takes what {@link #signal} left, once it has been reported. */
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
