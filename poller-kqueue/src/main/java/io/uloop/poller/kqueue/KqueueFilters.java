package io.uloop.poller.kqueue;

import static io.uloop.poller.kqueue.KqueueNative.EVFILT_READ;
import static io.uloop.poller.kqueue.KqueueNative.EVFILT_WRITE;
import static io.uloop.poller.kqueue.KqueueNative.EV_CLEAR;
import static io.uloop.poller.kqueue.KqueueNative.EV_ONESHOT;

import io.uloop.poller.UEvent;
import io.uloop.poller.posix.Posix;
import java.util.Arrays;

/**
 * The filters that descriptors have in one kqueue, as sets of {@link #READ} and {@link #WRITE}.
 * What is added and deleted is the difference to what is there, in one kevent(2); a filter that
 * changes its mode, or is to report anew, is deleted and added.
 *
 * <p>An orphan is a writer that cannot have a filter because its reader is gone (EPIPE). It is
 * ready all the same, so the poller has to report it.
 */
final class KqueueFilters {
    static final int READ = 1;
    static final int WRITE = 1 << 1;

    private final KqueueNative.Calls calls;
    private final int kq;
    private final KqueueChanges changes;

    private byte[] present = new byte[64];
    private int[] orphans = new int[4];
    private int orphanCount;
    private boolean missed;

    KqueueFilters(KqueueNative.Calls calls, KqueueAbi abi, int kq) {
        this.calls = calls;
        this.kq = kq;
        changes = new KqueueChanges(abi);
    }

    /**
     * Adds the filters of a descriptor that has none.
     *
     * @return 0, or why one cannot be added; the other one may be there
     */
    int add(int fd, int interest, long token) {
        if (fd >= present.length) {
            present = Arrays.copyOf(present, Math.max(fd + 1, present.length * 2));
        }
        planAdditions(fd, wantedBy(interest), interest, token);
        return apply(fd);
    }

    /**
     * Replaces the filters of a descriptor.
     *
     * @param former the interest that those there were added for
     * @param reusable whether they have the right token, so that one that reports by level before
     *     and after may stay
     * @return 0, or why it failed; then some may be missing
     */
    int replace(int fd, int former, int interest, long token, boolean reusable) {
        int kept = reusable ? present[fd] & levelIn(former) & levelIn(interest) : 0;
        missed = present[fd] == kept && kept == wantedBy(interest);
        unlist(fd);
        planDeletions(fd, present[fd] & ~kept);
        planAdditions(fd, wantedBy(interest) & ~kept, interest, token);
        return apply(fd);
    }

    /**
     * Tells whether the last {@link #replace} has not shown that the descriptor is still the one
     * whose filters were there: a filter was missing, or nothing was asked of the kernel.
     */
    boolean isInDoubt() {
        return missed;
    }

    /** Deletes the filters of a descriptor, which may be closed or another file by now. */
    void clear(int fd) {
        unlist(fd);
        planDeletions(fd, present[fd]);
        apply(fd);
    }

    /** Takes note that the kernel has deleted those of the filters that report once. */
    void noteFired(int fd, int fired, int interest) {
        if ((interest & UEvent.ONESHOT) != 0) {
            present[fd] &= (byte) ~(fired & askedBy(interest));
        }
    }

    /**
     * Adds a writer's filter by level anew: once it has told that the reader of a pipe is gone,
     * some kernels keep it, others have deleted it and accept it no more.
     */
    void renewWriter(int fd, long token) {
        if ((present[fd] & WRITE) == 0) {
            return; // an orphan already
        }
        planDeletions(fd, WRITE);
        planAdditions(fd, WRITE, UEvent.OUT, token);
        int errno = apply(fd);
        if (errno != 0 && errno != Posix.EBADF) {
            list(fd); // no room for it in the kernel, but still without a reader
        }
    }

    int orphanCount() {
        return orphanCount;
    }

    int orphan(int index) {
        return orphans[index];
    }

    /** Ends the reports of an orphan, if the descriptor is one. */
    void unlist(int fd) {
        for (int i = 0; i < orphanCount; i++) {
            if (orphans[i] == fd) {
                orphans[i] = orphans[--orphanCount];
                return;
            }
        }
    }

    void free() {
        changes.free();
    }

    private static int wantedBy(int interest) {
        return askedBy(interest | ((interest & UEvent.RDHUP) != 0 ? UEvent.IN : 0));
    }

    private static int askedBy(int interest) {
        return ((interest & UEvent.IN) != 0 ? READ : 0)
                | ((interest & UEvent.OUT) != 0 ? WRITE : 0);
    }

    private static int levelIn(int interest) {
        return (interest & (UEvent.EDGE | UEvent.ONESHOT)) == 0 ? askedBy(interest) : 0;
    }

    /** RDHUP without IN must not be kept ready by data: then the filter tells of changes only. */
    private static int mode(int filter, int interest) {
        if ((askedBy(interest) & filter) == 0) {
            return EV_CLEAR;
        }
        return ((interest & UEvent.EDGE) != 0 ? EV_CLEAR : 0)
                | ((interest & UEvent.ONESHOT) != 0 ? EV_ONESHOT : 0);
    }

    private void planDeletions(int fd, int filters) {
        if ((filters & READ) != 0) {
            changes.delete(fd, EVFILT_READ);
        }
        if ((filters & WRITE) != 0) {
            changes.delete(fd, EVFILT_WRITE);
        }
    }

    private void planAdditions(int fd, int filters, int interest, long token) {
        if ((filters & READ) != 0) {
            changes.add(fd, EVFILT_READ, mode(READ, interest), token);
        }
        if ((filters & WRITE) != 0) {
            changes.add(fd, EVFILT_WRITE, mode(WRITE, interest), token);
        }
    }

    /** Makes the planned changes of one descriptor. 0, or the errno of the first that failed. */
    private int apply(int fd) {
        if (changes.size() == 0) {
            return 0;
        }
        changes.submit(calls, kq);
        int failure = 0;
        for (int i = 0; i < changes.size(); i++) {
            int filter = changes.filter(i) == EVFILT_READ ? READ : WRITE;
            int errno = changes.errno(i);
            if (changes.isDelete(i)) {
                present[fd] &= (byte) ~filter;
                // ENOENT, EBADF: the descriptor was closed, and its filters went with it.
                missed |= errno != 0;
            } else if (errno == 0) {
                present[fd] |= (byte) filter;
            } else if (errno == Posix.EPIPE) {
                list(fd);
            } else if (failure == 0) {
                failure = errno;
            }
        }
        changes.clear();
        return failure;
    }

    private void list(int fd) {
        if (orphanCount == orphans.length) {
            orphans = Arrays.copyOf(orphans, orphanCount * 2);
        }
        orphans[orphanCount++] = fd;
    }
}
