package io.uloop.poller.epoll;

import io.uloop.poller.UEvent;
import io.uloop.poller.posix.Memory;
import io.uloop.poller.posix.Posix;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.posix.Timespec;
import io.uloop.poller.posix.WakeupDescriptor;
import io.uloop.poller.spi.ReadinessPoller;
import java.io.IOException;
import java.util.BitSet;

/**
 * Policy over epoll. What epoll gets wrong, and what is done about it:
 *
 * <ol>
 *   <li>It always reports EPOLLERR and EPOLLHUP: a paused descriptor is taken out of the set.
 *   <li>It watches files, not numbers: a descriptor closed while a dup lives goes on being reported
 *       under its old number, and cannot be taken out. Once such an entry is seen the set is built
 *       anew, see {@link #repair}.
 *   <li>EPOLLEXCLUSIVE cannot be modified: it is taken out and put in again.
 *   <li>epoll_wait counts milliseconds: epoll_pwait2 is used where the kernel has it.
 * </ol>
 *
 * <p>add, modify and remove cost one system call each.
 */
final class EpollPoller extends ReadinessPoller {
    static final int INITIAL_CAPACITY = 64;
    static final int MAX_CAPACITY = 8192;

    /**
     * No registration's token: a generation that is registered is odd, its descriptor not negative.
     */
    private static final long WAKEUP_TOKEN = -1;

    private final Epoll.Calls calls;
    private final int epfd;
    private final WakeupDescriptor wakeup;
    private final BitSet inKernel = new BitSet();

    private Memory block;
    private int capacity = INITIAL_CAPACITY;
    private boolean hasPwait2 = true;
    private boolean staleEntries;

    private EpollPoller(Epoll.Calls calls, int epfd, WakeupDescriptor wakeup, Memory block) {
        super("epoll_ctl", EpollProvider.SUPPORTED_EVENTS, PosixDescriptors.INSTANCE.closeCounts());
        this.calls = calls;
        this.epfd = epfd;
        this.wakeup = wakeup;
        this.block = block;
    }

    static EpollPoller open(Epoll.Calls calls) throws IOException {
        int epfd = create(calls);
        WakeupDescriptor wakeup = null;
        Memory block = null;
        try {
            wakeup = WakeupDescriptor.open();
            block = EpollEvents.allocate(INITIAL_CAPACITY);
            EpollPoller poller = new EpollPoller(calls, epfd, wakeup, block);
            poller.watchWakeup(epfd);
            return poller;
        } catch (IOException | Error e) {
            if (block != null) {
                block.free();
            }
            if (wakeup != null) {
                wakeup.close();
            }
            calls.close(epfd);
            throw e;
        }
    }

    @Override
    protected void await(long timeoutNanos) throws IOException {
        int ready = waitOnce(timeoutNanos);
        if (ready < 0) {
            if (Posix.errno() == Posix.EINTR) {
                return;
            }
            throw Posix.failure(hasPwait2 ? "epoll_pwait2" : "epoll_wait", "", epfd);
        }
        for (int i = 0; i < ready; i++) {
            long token = EpollEvents.token(block, i);
            if (token != WAKEUP_TOKEN) {
                report(token, EpollEvents.events(block, i));
            } else if (wakeup.fillsUp()) {
                wakeup.drain();
            }
        }
        if (ready == capacity && capacity < MAX_CAPACITY) {
            growBlock();
        }
    }

    private int waitOnce(long timeoutNanos) {
        if (hasPwait2) {
            int ready = pwait2(timeoutNanos);
            if (hasPwait2) {
                return ready;
            }
        }
        return calls.epoll_wait(
                epfd, EpollEvents.array(block), capacity, Timespec.toMillis(timeoutNanos));
    }

    /** Clears {@link #hasPwait2} where the library, the kernel or its filter lacks the call. */
    private int pwait2(long timeoutNanos) {
        long timespec = 0; // NULL: for ever
        if (timeoutNanos >= 0) {
            EpollEvents.setTimespec(block, timeoutNanos);
            timespec = EpollEvents.timespec(block);
        }
        try {
            int ready = calls.epoll_pwait2(epfd, EpollEvents.array(block), capacity, timespec, 0);
            hasPwait2 = ready >= 0 || !Posix.isRefusedByKernel(Posix.errno());
            return ready;
        } catch (UnsatisfiedLinkError e) {
            hasPwait2 = false;
            return -1;
        }
    }

    private void growBlock() {
        Memory grown;
        try {
            grown = EpollEvents.allocate(capacity * 2);
        } catch (OutOfMemoryError e) {
            return; // a short array loses nothing: what does not fit comes in the next poll
        }
        block.free();
        block = grown;
        capacity *= 2;
    }

    @Override
    protected void register(int fd, int interest, long token) throws IOException {
        int errno = tryControl(Epoll.EPOLL_CTL_ADD, fd, interest, token);
        if (errno == Posix.EEXIST) { // closed while registered, and had again by a dup of its dup
            takeOut(fd);
            errno = tryControl(Epoll.EPOLL_CTL_ADD, fd, interest, token);
        }
        if (errno != 0) {
            throw failure(Epoll.EPOLL_CTL_ADD, fd, errno);
        }
        inKernel.set(fd);
        if (isSilent(interest)) {
            takeOut(fd); // it was put in to be checked
        }
    }

    @Override
    protected void reregister(int fd, int interest, long token) throws IOException {
        boolean in = inKernel.get(fd);
        int former = registrations().interest(fd);
        if (isSilent(interest)) {
            if (in && !takeOut(fd)) {
                throw Posix.failure("epoll_ctl", "DEL", fd, Posix.EBADF);
            }
        } else if (in && ((interest | former) & UEvent.EXCLUSIVE) == 0) {
            controlOpen(Epoll.EPOLL_CTL_MOD, fd, interest, token);
        } else {
            if (in) {
                takeOut(fd);
            }
            try {
                controlOpen(Epoll.EPOLL_CTL_ADD, fd, interest, token);
                inKernel.set(fd);
            } catch (IOException e) {
                if (in
                        && tryControl(Epoll.EPOLL_CTL_ADD, fd, former, registrations().token(fd))
                                == 0) {
                    inKernel.set(fd);
                }
                throw e;
            }
        }
    }

    @Override
    protected void unregister(int fd) {
        if (inKernel.get(fd)) {
            takeOut(fd);
        }
    }

    @Override
    protected boolean isStale(int fd) {
        if (!inKernel.get(fd)) {
            return false;
        }
        int errno = tryControl(Epoll.EPOLL_CTL_ADD, fd, UEvent.NONE, registrations().token(fd));
        if (errno == Posix.EEXIST) {
            return false;
        }
        if (errno == 0) {
            takeOut(fd); // the number is another file's, which is not to be watched yet
        }
        inKernel.clear(fd);
        staleEntries = true;
        return true;
    }

    /**
     * Builds the set anew, under the same number, from the table: the kernel's entry of a closed
     * file whose dup lives cannot be named any more. Everything ready is reported again.
     */
    @Override
    protected void repair() throws IOException {
        if (!staleEntries) {
            return; // it was removed by its own batch
        }
        int fresh = create(calls);
        try {
            watchWakeup(fresh);
            BitSet restored = new BitSet();
            for (int fd = 0; fd < registrations().limit(); fd++) {
                if (registrations().contains(fd) && registrations().isArmed(fd)) {
                    restored.set(fd, isRestorable(fd, fresh) && restore(fresh, fd));
                }
            }
            if (calls.dup3(fresh, epfd, Epoll.EPOLL_CLOEXEC) < 0) {
                throw Posix.failure("dup3", "fd=" + fresh, epfd);
            }
            inKernel.clear();
            inKernel.or(restored);
            staleEntries = false;
        } finally {
            calls.close(fresh);
        }
    }

    /** A closed descriptor's number is another file's by now, as likely as not the new set's. */
    private boolean isRestorable(int fd, int set) {
        return !registrations().isClosed(fd) && fd != set;
    }

    private boolean restore(int set, int fd) throws IOException {
        EpollEvents.setFirst(block, registrations().interest(fd), registrations().token(fd));
        if (calls.epoll_ctl(set, Epoll.EPOLL_CTL_ADD, fd, EpollEvents.array(block)) == 0) {
            return true;
        }
        int errno = Posix.errno();
        if (errno != Posix.EBADF && errno != Posix.EPERM) {
            throw failure(Epoll.EPOLL_CTL_ADD, fd, errno);
        }
        return false; // closed, or closed and a regular file's number now: nothing to watch
    }

    @Override
    protected boolean owns(int fd) {
        return fd == epfd || wakeup.owns(fd);
    }

    @Override
    protected void signal() {
        wakeup.signal();
    }

    @Override
    protected void free() {
        calls.close(epfd);
        wakeup.close();
        block.free();
    }

    /** Edge-triggered, so that a counter need not be read: each signal is a new edge. */
    private void watchWakeup(int set) throws IOException {
        EpollEvents.setFirst(block, UEvent.IN | UEvent.EDGE, WAKEUP_TOKEN);
        if (calls.epoll_ctl(set, Epoll.EPOLL_CTL_ADD, wakeup.fd(), EpollEvents.array(block)) < 0) {
            throw Posix.failure("epoll_ctl", "ADD", wakeup.fd());
        }
    }

    /**
     * Takes a descriptor out of the set.
     *
     * @return false if it is not there, because it has been closed: a dup may keep its entry alive
     */
    private boolean takeOut(int fd) {
        inKernel.clear(fd);
        // EBADF: closed. ENOENT: closed, and another file's number now. EPERM: a file's number now.
        if (tryControl(Epoll.EPOLL_CTL_DEL, fd, UEvent.NONE, 0) != 0) {
            staleEntries = true;
            return false;
        }
        return true;
    }

    /** For a registered descriptor, where these errors mean that it was closed. */
    private void controlOpen(int operation, int fd, int interest, long token) throws IOException {
        int errno = tryControl(operation, fd, interest, token);
        if (errno == Posix.ENOENT || errno == Posix.EPERM) {
            errno = Posix.EBADF;
        }
        if (errno != 0) {
            throw failure(operation, fd, errno);
        }
    }

    private int tryControl(int operation, int fd, int interest, long token) {
        EpollEvents.setFirst(block, interest, token);
        return calls.epoll_ctl(epfd, operation, fd, EpollEvents.array(block)) == 0
                ? 0
                : Posix.errno();
    }

    private static IOException failure(int operation, int fd, int errno) {
        return Posix.failure(
                "epoll_ctl", operation == Epoll.EPOLL_CTL_ADD ? "ADD" : "MOD", fd, errno);
    }

    private static boolean isSilent(int interest) {
        return (interest & UEvent.INTERESTS) == 0;
    }

    private static int create(Epoll.Calls calls) throws IOException {
        int epfd = calls.epoll_create1(Epoll.EPOLL_CLOEXEC);
        if (epfd < 0) {
            throw Posix.failure("epoll_create1", "", -1);
        }
        return epfd;
    }
}
