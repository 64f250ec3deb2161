package io.uloop.poller.epoll;

import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.posix.call.EpollCalls;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.file.WakeupDescriptor;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Timespec;
import io.uloop.poller.spi.ReadinessPoller;
import io.uloop.poller.spi.Registrations;
import java.util.BitSet;

/**
 * Polls with epoll(7), and works around its flaws:
 *
 * <ol>
 *   <li>epoll always reports EPOLLERR and EPOLLHUP. A paused descriptor is removed from the set.
 *   <li>epoll registers open files, not descriptors. A descriptor that is closed while a dup is
 *       open is still reported under its old number and cannot be removed. The poller rebuilds the
 *       set when it sees such an entry, see {@link #repair}.
 *   <li>EPOLLEXCLUSIVE cannot be modified. The descriptor is removed and added again.
 *   <li>epoll_wait has millisecond resolution. The poller uses epoll_pwait2 where the kernel has
 *       it.
 *   <li>A timeout makes a wait dearer. While the poller is busy, a timer in the set ends its waits,
 *       see {@link DeadlineTimer}.
 * </ol>
 *
 * <p>add, modify and remove take one system call each.
 */
final class EpollPoller extends ReadinessPoller {
    static final int INITIAL_CAPACITY = 64;
    static final int MAX_CAPACITY = 8192;

    /** Like {@link Registrations#NO_TOKEN}, for the timer. */
    private static final long TIMER_TOKEN = -2;

    private final EpollCalls calls;
    private final int epfd;
    private final WakeupDescriptor wakeup;
    private final DeadlineTimer timer;
    private final BitSet inKernel = new BitSet();

    private Memory block;
    private int capacity = INITIAL_CAPACITY;

    /**
     * A set that contains only this poller's set, for other pollers to watch, or a negative number.
     * Unlike this poller's set it is never rebuilt, which would end their registrations.
     */
    private int outer = -1;

    private boolean hasPwait2 = true;
    private boolean staleEntries;

    /** The system call that may have failed. */
    private String called = "";

    private EpollPoller(
            EpollCalls calls,
            int epfd,
            WakeupDescriptor wakeup,
            DeadlineTimer timer,
            Memory block) {
        super("epoll_ctl", EpollProvider.SUPPORTED_EVENTS, PosixDescriptors.INSTANCE::closes);
        this.calls = calls;
        this.epfd = epfd;
        this.wakeup = wakeup;
        this.timer = timer;
        this.block = block;
    }

    static EpollPoller open(EpollCalls calls) throws PollerException {
        int epfd = create(calls);
        WakeupDescriptor wakeup = null;
        DeadlineTimer timer = null;
        Memory block = null;
        try {
            wakeup = WakeupDescriptor.open();
            timer = DeadlineTimer.open();
            block = EpollEvents.allocate(INITIAL_CAPACITY);
            EpollPoller poller = new EpollPoller(calls, epfd, wakeup, timer, block);
            poller.watchOwn(epfd);
            return poller;
        } catch (PollerException | Error e) {
            if (block != null) {
                block.free();
            }
            if (timer != null) {
                timer.close();
            }
            if (wakeup != null) {
                wakeup.close();
            }
            Libc.CALLS.close(epfd);
            throw e;
        }
    }

    @Override
    protected void await(long timeoutNanos) throws PollerException {
        take(timeoutNanos > 0 ? waitAtMost(timeoutNanos) : wait(timeoutNanos < 0 ? -1 : 0));
    }

    @Override
    protected void awaitUntil(long deadlineNanos) throws PollerException {
        if (timer.endsBy(deadlineNanos)) {
            await(-1);
            return;
        }
        long timeoutNanos = deadlineNanos - System.nanoTime();
        if (timeoutNanos <= 0) {
            await(0);
        } else if (timer.start(deadlineNanos, timeoutNanos)) {
            await(-1);
        } else {
            int ready = waitAtMost(Math.min(timeoutNanos, MAX_WAIT_NANOS));
            timer.waited(ready > 0);
            take(ready);
        }
    }

    @Override
    protected boolean looksFirst() {
        return true;
    }

    /** Adds the events that a wait has returned to the batch. */
    private void take(int ready) throws PollerException {
        if (ready < 0) {
            if (Posix.errno() == Posix.EINTR) {
                return;
            }
            throw Posix.failure(called, "", epfd);
        }
        for (int i = 0; i < ready; i++) {
            long token = EpollEvents.token(block, i);
            if (Registrations.fd(token) >= 0) {
                report(token, EpollEvents.events(block, i));
            } else if (token == TIMER_TOKEN) {
                timer.expired();
            } else if (wakeup.fillsUp()) {
                wakeup.drain();
            }
        }
        if (ready == capacity && capacity < MAX_CAPACITY) {
            growBlock();
        }
    }

    /**
     * Waits with epoll_wait, which costs less than epoll_pwait2. If it fails, another call that
     * does not wait finds out why. By then a signal is over, so that call succeeds.
     *
     * @param timeoutMillis 0 does not wait, -1 waits indefinitely
     */
    private int wait(int timeoutMillis) {
        int ready = calls.quick_epoll_wait(epfd, EpollEvents.array(block), capacity, timeoutMillis);
        return ready >= 0 ? ready : waitMillis(0);
    }

    private int waitMillis(int timeoutMillis) {
        called = "epoll_wait";
        return calls.epoll_wait(epfd, EpollEvents.array(block), capacity, timeoutMillis);
    }

    private int waitAtMost(long timeoutNanos) {
        if (hasPwait2) {
            int ready = pwait2(timeoutNanos);
            if (hasPwait2) {
                return ready;
            }
        }
        return waitMillis(Timespec.toMillis(timeoutNanos));
    }

    /**
     * Waits with epoll_pwait2. Clears {@link #hasPwait2} if the C library, the kernel or a seccomp
     * filter lacks the call.
     */
    private int pwait2(long timeoutNanos) {
        called = "epoll_pwait2";
        EpollEvents.setTimespec(block, timeoutNanos);
        try {
            int ready =
                    calls.epoll_pwait2(
                            epfd,
                            EpollEvents.array(block),
                            capacity,
                            EpollEvents.timespec(block),
                            0);
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
            return; // a small array loses no events: the next poll returns the rest
        }
        block.free();
        block = grown;
        capacity *= 2;
    }

    @Override
    protected void register(int fd, int interest, long token) throws PollerException {
        int errno = tryControl(EpollCalls.EPOLL_CTL_ADD, fd, interest, token);
        // The file was closed while registered, and a dup of its dup has the number now.
        if (errno == Posix.EEXIST) {
            takeOut(fd);
            errno = tryControl(EpollCalls.EPOLL_CTL_ADD, fd, interest, token);
        }
        if (errno != 0) {
            throw failure(EpollCalls.EPOLL_CTL_ADD, fd, errno);
        }
        inKernel.set(fd);
        if (isSilent(interest)) {
            takeOut(fd); // it was only added to check it
        }
    }

    @Override
    protected void reregister(int fd, int interest, long token) throws PollerException {
        boolean in = inKernel.get(fd);
        int former = registrations().interest(fd);
        if (isSilent(interest)) {
            if (in && !takeOut(fd)) {
                throw Posix.failure("epoll_ctl", "DEL", fd, Posix.EBADF);
            }
        } else if (in && ((interest | former) & UEvent.EXCLUSIVE) == 0) {
            controlOpen(EpollCalls.EPOLL_CTL_MOD, fd, interest, token);
        } else {
            if (in) {
                takeOut(fd);
            }
            try {
                controlOpen(EpollCalls.EPOLL_CTL_ADD, fd, interest, token);
                inKernel.set(fd);
            } catch (PollerException e) {
                if (in
                        && tryControl(
                                        EpollCalls.EPOLL_CTL_ADD,
                                        fd,
                                        former,
                                        registrations().token(fd))
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
        int errno =
                tryControl(EpollCalls.EPOLL_CTL_ADD, fd, UEvent.NONE, registrations().token(fd));
        if (errno == Posix.EEXIST) {
            return false;
        }
        if (errno == 0) {
            takeOut(fd); // the number belongs to another file, which is not to be polled yet
        }
        inKernel.clear(fd);
        staleEntries = true;
        return true;
    }

    /**
     * Rebuilds the set from the table, under the same number. This is the only way to drop the
     * kernel's entry of a closed file that has an open dup. Everything that is ready is reported
     * again.
     */
    @Override
    protected void repair() throws PollerException {
        if (!staleEntries) {
            return; // the batch that found it also removed it
        }
        int fresh = create(calls);
        try {
            watchOwn(fresh);
            BitSet restored = new BitSet();
            for (int fd = 0; fd < registrations().limit(); fd++) {
                if (registrations().contains(fd) && registrations().isArmed(fd)) {
                    restored.set(fd, isRestorable(fd, fresh) && restore(fresh, fd));
                }
            }
            if (calls.dup3(fresh, epfd, EpollCalls.EPOLL_CLOEXEC) < 0) {
                throw Posix.failure("dup3", "fd=" + fresh, epfd);
            }
            if (outer >= 0) {
                watch(outer, epfd, UEvent.IN, Registrations.NO_TOKEN);
            }
            inKernel.clear();
            inKernel.or(restored);
            staleEntries = false;
        } finally {
            Libc.CALLS.close(fresh);
        }
    }

    /** The number of a closed descriptor may belong to another file, quite likely the new set. */
    private boolean isRestorable(int fd, int set) {
        return !registrations().isClosed(fd) && fd != set;
    }

    private boolean restore(int set, int fd) throws PollerException {
        EpollEvents.setFirst(block, registrations().interest(fd), registrations().token(fd));
        if (calls.epoll_ctl(set, EpollCalls.EPOLL_CTL_ADD, fd, EpollEvents.array(block)) == 0) {
            return true;
        }
        int errno = Posix.errno();
        if (errno != Posix.EBADF && errno != Posix.EPERM) {
            throw failure(EpollCalls.EPOLL_CTL_ADD, fd, errno);
        }
        return false; // closed, and the number may belong to a regular file: nothing to poll
    }

    @Override
    protected boolean owns(int fd) {
        return fd == epfd || (fd == outer && fd >= 0) || wakeup.owns(fd) || timer.owns(fd);
    }

    @Override
    protected int pollable() throws PollerException {
        if (outer < 0) {
            int set = create(calls);
            try {
                watch(set, epfd, UEvent.IN, Registrations.NO_TOKEN);
            } catch (PollerException e) {
                Libc.CALLS.close(set);
                throw e;
            }
            outer = set;
        }
        return outer;
    }

    @Override
    protected void signal() {
        wakeup.signal();
    }

    @Override
    protected void free() {
        if (outer >= 0) {
            Libc.CALLS.close(outer);
        }
        Libc.CALLS.close(epfd);
        wakeup.close();
        timer.close();
        block.free();
    }

    /**
     * Registers the wakeup and the timer edge-triggered: each signal and each expiry is a new edge,
     * so they need not be read.
     */
    private void watchOwn(int set) throws PollerException {
        watch(set, wakeup.fd(), UEvent.IN | UEvent.EDGE, Registrations.NO_TOKEN);
        if (timer.fd() >= 0) {
            watch(set, timer.fd(), UEvent.IN | UEvent.EDGE, TIMER_TOKEN);
        }
    }

    /** Adds one of the poller's own descriptors to a set. */
    private void watch(int set, int fd, int interest, long token) throws PollerException {
        EpollEvents.setFirst(block, interest, token);
        if (calls.epoll_ctl(set, EpollCalls.EPOLL_CTL_ADD, fd, EpollEvents.array(block)) < 0) {
            throw Posix.failure("epoll_ctl", "ADD", fd);
        }
    }

    /**
     * Removes a descriptor from the set.
     *
     * @return false if it is not in the set because it was closed, in which case a dup may keep its
     *     entry alive
     */
    private boolean takeOut(int fd) {
        inKernel.clear(fd);
        // EBADF: closed. ENOENT: reused for another file. EPERM: reused for a regular file.
        if (tryControl(EpollCalls.EPOLL_CTL_DEL, fd, UEvent.NONE, 0) != 0) {
            staleEntries = true;
            return false;
        }
        return true;
    }

    /** Controls a registered descriptor. ENOENT and EPERM then mean that it was closed. */
    private void controlOpen(int operation, int fd, int interest, long token)
            throws PollerException {
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

    private static PollerException failure(int operation, int fd, int errno) {
        return Posix.failure(
                "epoll_ctl", operation == EpollCalls.EPOLL_CTL_ADD ? "ADD" : "MOD", fd, errno);
    }

    private static boolean isSilent(int interest) {
        return (interest & UEvent.INTERESTS) == 0;
    }

    private static int create(EpollCalls calls) throws PollerException {
        int epfd = calls.epoll_create1(EpollCalls.EPOLL_CLOEXEC);
        if (epfd < 0) {
            throw Posix.failure("epoll_create1", "", -1);
        }
        return epfd;
    }
}
