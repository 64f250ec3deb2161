package io.uloop.poller.kqueue;

import static io.uloop.poller.kqueue.KqueueCalls.EVFILT_READ;
import static io.uloop.poller.kqueue.KqueueCalls.EVFILT_WRITE;
import static io.uloop.poller.kqueue.KqueueCalls.EV_CLEAR;
import static io.uloop.poller.kqueue.KqueueCalls.EV_ONESHOT;

import io.uloop.poller.UEvent;
import io.uloop.poller.kqueue.KqueueCalls.Calls;
import io.uloop.poller.posix.call.Posix;
import java.util.Arrays;

/**
 * The filters of each descriptor in one kqueue, as sets of {@link #READ} and {@link #WRITE}. An
 * update submits only the differences, in one kevent(2) call. A filter that changes its mode, or
 * must report again, is deleted and added. Not thread-safe: call from the loop's thread.
 *
 * <p>An orphan is a pipe's writer that cannot have a filter because its reader is gone (EPIPE). It
 * is still writable, so the poller reports it itself.
 */
final class KqueueFilters {
    static final int READ = 1;
    static final int WRITE = 1 << 1;

    private final Calls calls;
    private final int kq;
    private final KqueueChanges changes;

    private byte[] present = new byte[64];
    private int[] orphans = new int[4];
    private int orphanCount;
    private boolean missed;

    KqueueFilters(Calls calls, KqueueAbi abi, int kq) {
        this.calls = calls;
        this.kq = kq;
        changes = new KqueueChanges(abi);
    }

    /**
     * Adds the filters of a descriptor that has none.
     *
     * @return 0, or the errno of the filter that could not be added; the other one may have been
     *     added
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
     * @param former the interest of the present filters
     * @param reusable whether the present filters have the right token, so that a filter that
     *     remains level-triggered can be kept
     * @return 0, or an errno, in which case some filters may be missing
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
     * Returns whether the last {@link #replace} left open if the descriptor still refers to the
     * same file, because a filter was missing or no system call was needed.
     */
    boolean isInDoubt() {
        return missed;
    }

    /** Deletes the filters of a descriptor, which may be closed or reused. */
    void clear(int fd) {
        unlist(fd);
        planDeletions(fd, present[fd]);
        apply(fd);
    }

    /** Records that the kernel has deleted the one-shot filters that fired. */
    void noteFired(int fd, int fired, int interest) {
        if ((interest & UEvent.ONESHOT) != 0) {
            present[fd] &= (byte) ~(fired & askedBy(interest));
        }
    }

    /**
     * Deletes and adds a level-triggered writer's filter. Once it has reported that the reader of
     * the pipe is gone, some kernels keep it, while others delete it and do not accept it again.
     */
    void renewWriter(int fd, long token) {
        if ((present[fd] & WRITE) == 0) {
            return; // already an orphan
        }
        planDeletions(fd, WRITE);
        planAdditions(fd, WRITE, UEvent.OUT, token);
        int errno = apply(fd);
        if (errno != 0 && errno != Posix.EBADF) {
            list(fd); // the kernel is out of memory, but the writer still has no reader
        }
    }

    int orphanCount() {
        return orphanCount;
    }

    int orphan(int index) {
        return orphans[index];
    }

    /** Stops reporting the descriptor as an orphan. Idempotent. */
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

    /**
     * Returns a filter's flags. For RDHUP without IN, the filter reports only changes, because
     * pending data must not keep it ready.
     */
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

    /**
     * Submits the planned changes of a descriptor. Returns 0, or the errno of the first that
     * failed.
     */
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
                // ENOENT, EBADF: closing the descriptor deleted its filters.
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
