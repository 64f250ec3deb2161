package io.uloop.poller.kqueue;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.kqueue.KqueueCalls.Calls;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.file.FileIdentity;
import io.uloop.poller.spi.ReadinessPoller;
import io.uloop.poller.spi.Registrations;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Polls with kqueue(2). A descriptor has up to two filters, one for reading and one for writing,
 * which are reported separately. Works around the differences between systems:
 *
 * <ol>
 *   <li>Some systems do not allow a filter to be added twice or enabled again, see {@link
 *       KqueueFilters}.
 *   <li>EV_ONESHOT applies to one filter. When it fires, the other one is deleted.
 *   <li>On some systems, a pipe's writer without a reader cannot have a filter, and loses its
 *       filter once that has reported the end. From then on the poller reports it itself.
 *   <li>RDHUP without IN is reported once, even if level-triggered.
 *   <li>The kernel drops the filters of a closed descriptor even if a dup is open. An event
 *       therefore always refers to the file that was registered.
 *   <li>Regular files and directories are rejected, although kqueue accepts them with different
 *       semantics.
 * </ol>
 *
 * <p>add takes one fstat(2). add, modify and remove take one kevent(2) each if the filters change.
 */
final class KqueuePoller extends ReadinessPoller {
    private static final int INITIAL_CAPACITY = 64;
    private static final int MAX_CAPACITY = 8192;

    private final Calls calls;
    private final int kq;
    private final KqueueWakeup wakeup;
    private final KqueueFilters filters;
    private final KqueueEvents events;
    private final KqueueBatch batch = new KqueueBatch();

    // Indexed by descriptor.
    private @Nullable Watched[] watched = new Watched[64];

    /**
     * A registered file.
     *
     * @param falseHints events that its filters may report but that cannot apply to it
     */
    private record Watched(FileIdentity file, int falseHints) {
        /**
         * Either filter of a pipe may report that the other end is gone. The direction decides the
         * event.
         */
        static Watched of(int fd) throws PollerException {
            FileIdentity file = FileIdentity.of(fd);
            int directions =
                    file.kind() == FileIdentity.Kind.PIPE
                            ? PosixDescriptors.INSTANCE.directions(fd)
                            : UEvent.IN | UEvent.OUT;
            return new Watched(
                    file,
                    switch (directions) {
                        case UEvent.IN -> UEvent.ERR;
                        case UEvent.OUT -> UEvent.HUP;
                        default -> UEvent.NONE;
                    });
        }
    }

    private KqueuePoller(Calls calls, KqueueAbi abi, int kq, KqueueWakeup wakeup) {
        super("kevent", KqueueProvider.SUPPORTED_EVENTS, PosixDescriptors.INSTANCE::closes);
        this.calls = calls;
        this.kq = kq;
        this.wakeup = wakeup;
        filters = new KqueueFilters(calls, abi, kq);
        events = new KqueueEvents(abi, INITIAL_CAPACITY);
    }

    static KqueuePoller open(Calls calls, KqueueAbi abi) throws PollerException {
        int kq = KqueueCalls.open(calls, abi);
        KqueueWakeup wakeup = null;
        try {
            wakeup = KqueueWakeup.open(calls, abi, kq);
            return new KqueuePoller(calls, abi, kq, wakeup);
        } catch (PollerException | Error e) {
            if (wakeup != null) {
                wakeup.close();
            }
            calls.close(kq);
            throw e;
        }
    }

    @Override
    protected void await(long timeoutNanos) throws PollerException {
        long timespec = events.timespec(filters.orphanCount() > 0 ? 0 : timeoutNanos);
        int ready = calls.kevent(kq, 0, 0, events.array(), events.capacity(), timespec);
        if (ready < 0 && Posix.errno() != Posix.EINTR) {
            throw Posix.failure("kevent", "", kq);
        }
        for (int i = 0; i < ready; i++) {
            long token = events.token(i);
            if (token == Registrations.NO_TOKEN) {
                wakeup.drain();
            } else {
                batch.add(
                        token,
                        KqueueBatch.bits(events.filter(i), events.flags(i), events.fflags(i)));
            }
        }
        addOrphans();
        for (int i = 0; i < batch.size(); i++) {
            take(batch.token(i), batch.fired(i));
        }
        batch.clear();
        if (ready == events.capacity() && ready < MAX_CAPACITY) {
            events.grow();
        }
    }

    /**
     * Adds events for the orphans. No kernel drops an orphan that is closed, so each is checked.
     */
    private void addOrphans() {
        for (int i = filters.orphanCount() - 1; i >= 0; i--) {
            int fd = filters.orphan(i);
            if (isStale(fd)) {
                filters.unlist(fd);
            } else {
                batch.add(registrations().token(fd), KqueueBatch.WRITE | KqueueBatch.WRITE_EOF);
            }
        }
    }

    /**
     * Reports the events of a registration, and updates the filters that the kernel has changed.
     */
    private void take(long token, int fired) {
        int fd = Registrations.fd(token);
        Watched entry = isCurrent(token) ? watched[fd] : null;
        if (entry == null) {
            return;
        }
        FileIdentity.Kind kind = entry.file().kind();
        int interest = registrations().interest(fd);
        filters.noteFired(fd, fired, interest);
        if ((interest & UEvent.EDGE) != 0) {
            filters.unlist(fd);
        } else if ((interest & UEvent.ONESHOT) == 0
                && (fired & KqueueBatch.WRITE_EOF) != 0
                && kind == FileIdentity.Kind.PIPE) {
            filters.renewWriter(fd, token);
        }
        report(token, KqueueBatch.toEvents(fired, kind) & ~entry.falseHints());
    }

    private boolean isCurrent(long token) {
        int fd = Registrations.fd(token);
        return registrations().contains(fd) && registrations().token(fd) == token;
    }

    @Override
    protected void register(int fd, int interest, long token) throws PollerException {
        Watched entry = Watched.of(fd);
        if (entry.file().kind() == FileIdentity.Kind.FILE) {
            throw Posix.failure("kevent", "ADD", fd, Posix.EPERM);
        }
        int errno = filters.add(fd, interest, token);
        if (errno != 0) {
            filters.clear(fd);
            throw failure("ADD", fd, errno);
        }
        if (fd >= watched.length) {
            watched = Arrays.copyOf(watched, Math.max(fd + 1, watched.length * 2));
        }
        watched[fd] = entry;
    }

    @Override
    protected void reregister(int fd, int interest, long token) throws PollerException {
        int former = registrations().interest(fd);
        long formerToken = registrations().token(fd);
        int errno = filters.replace(fd, former, interest, token, token == formerToken);
        if (filters.isInDoubt() && isStale(fd)) {
            errno = Posix.EBADF;
        }
        if (errno == 0) {
            return;
        }
        filters.clear(fd);
        if (errno != Posix.EBADF && registrations().isArmed(fd)) {
            filters.add(fd, former, formerToken);
        }
        throw failure("MOD", fd, errno);
    }

    private static PollerException failure(String operation, int fd, int errno) {
        return errno == Posix.EINVAL
                ? new PollerException(
                        "kevent",
                        operation,
                        fd,
                        Errno.EINVAL,
                        "kqueue does not support this device; use another poller,"
                                + " with -Duloop.poller=poll or -Duloop.poller=select")
                : Posix.failure("kevent", operation, fd, errno);
    }

    @Override
    protected void unregister(int fd) {
        filters.clear(fd);
        watched[fd] = null;
    }

    @Override
    protected boolean isStale(int fd) {
        try {
            Watched entry = watched[fd];
            return entry == null || !FileIdentity.of(fd).equals(entry.file());
        } catch (PollerException e) {
            return true; // EBADF
        }
    }

    @Override
    protected boolean owns(int fd) {
        return fd == kq || wakeup.owns(fd);
    }

    @Override
    protected int pollable() throws PollerException {
        return KqueueSystem.IS_LIBKQUEUE ? super.pollable() : kq;
    }

    @Override
    protected boolean reportsUnasked() {
        return filters.orphanCount() > 0;
    }

    @Override
    protected void disarm(int fd) {
        filters.clear(fd);
    }

    @Override
    protected void signal() {
        wakeup.signal();
    }

    @Override
    protected void free() {
        calls.close(kq);
        wakeup.close();
        filters.free();
        events.free();
    }
}
