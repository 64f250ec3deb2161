package io.uloop.poller.spi;

import io.uloop.poller.EventSink;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the contract says once for all backends: errors, timeouts, wakeups, interrupts,
 * close, stale events, one-shot, and what a sink may do to its own batch. A backend extends it with
 * its system calls.
 *
 * <p>One poll is one or more kernel waits. {@link #await} fills the batch by {@link #report}; each
 * entry is checked against the registration table at the moment it is delivered. What a throwing
 * sink leaves of the batch comes first in the next poll.
 *
 * <p>Threads: {@link #signal} any; {@link #free} the last one to leave; every other method of a
 * backend is called by the poller's owner.
 */
public abstract class ReadinessPoller implements Poller {
    /** The longest single kernel wait; some kernels refuse a day or more. */
    private static final long MAX_WAIT_NANOS = TimeUnit.HOURS.toNanos(12);

    private static final int ACCEPTED_BITS = UEvent.INTERESTS | UEvent.MODES;

    private final String syscall;
    private final int supportedModes;
    private final Registrations registrations;
    private final PollGate gate = new PollGate(this::endWait, this::free);
    private final Shortage shortage = new Shortage(gate::isNoticed);
    private final InterruptHook interruptHook = new InterruptHook(this);

    private long[] batchTokens = new long[64];
    private int[] batchEvents = new int[64];
    private int batchNext;
    private int batchEnd;
    private boolean staleSeen;
    private boolean repairOwed;
    private @Nullable Thread interruptTakenBy;

    /**
     * Starts with an empty table.
     *
     * @param syscall the call that errors found without asking the kernel are attributed to
     * @param supportedEvents as {@link io.uloop.poller.PollerProvider#supportedEvents}
     * @param closeCounts of the {@link io.uloop.poller.Descriptors} whose numbers this poller takes
     */
    protected ReadinessPoller(String syscall, int supportedEvents, CloseCounts closeCounts) {
        this.syscall = syscall;
        this.supportedModes = supportedEvents & UEvent.MODES;
        this.registrations = new Registrations(closeCounts);
    }

    /**
     * Waits for the kernel once and reports what is ready. Returns early and empty when interrupted
     * by a signal.
     *
     * @param timeoutNanos 0 does not wait, a negative one waits for ever, else nanoseconds, rounded
     *     up to what the kernel can
     * @throws IOException if the wait fails for a reason other than EINTR; after a {@link
     *     PollerException} for want of memory the wait is tried again
     */
    protected abstract void await(long timeoutNanos) throws IOException;

    /**
     * Makes the kernel watch a descriptor, or only checks it when the interest is empty. On an
     * exception nothing has changed.
     *
     * @param fd not registered, not negative, not {@linkplain #owns owned}
     * @param interest a checked interest
     * @param token what to report it by
     * @throws IOException EBADF, EPERM, ENOMEM, ENOSPC
     */
    protected abstract void register(int fd, int interest, long token) throws IOException;

    /**
     * Replaces what the kernel watches. The table still has the former interest. A failure with
     * EBADF ends the registration; after any other nothing has changed.
     *
     * @param fd registered
     * @param interest a checked interest
     * @param token what to report it by from now on
     * @throws IOException EBADF, ENOMEM, ENOSPC
     */
    protected abstract void reregister(int fd, int interest, long token) throws IOException;

    /**
     * Makes the kernel forget a descriptor, which may be closed or another file by now. The table
     * still has it.
     *
     * @param fd registered
     */
    protected abstract void unregister(int fd);

    /**
     * Tells whether the registered file is provably gone: its number is closed or another file's.
     *
     * @param fd registered
     * @return false when in doubt
     */
    protected abstract boolean isStale(int fd);

    /**
     * Tells whether a descriptor is one of the poller's own.
     *
     * @param fd any number
     * @return true if it must not be registered
     */
    protected abstract boolean owns(int fd);

    /**
     * Silences a ONESHOT descriptor that is about to be delivered; nothing where the kernel does.
     *
     * @param fd registered
     */
    protected void disarm(int fd) {}

    /**
     * Called after a batch that held an event of no current registration.
     *
     * @throws IOException if the kernel's stale entry cannot be removed; after a {@link
     *     PollerException} for want of memory or descriptors it is called again
     */
    protected void repair() throws IOException {}

    /** Ends the kernel's wait. Any thread; must neither block nor throw. */
    protected abstract void signal();

    /**
     * Releases the poller's own descriptors and memory. Called once, by any thread; must not throw.
     */
    protected abstract void free();

    /**
     * The table.
     *
     * @return the same object every time
     */
    protected final Registrations registrations() {
        return registrations;
    }

    /**
     * Puts one ready descriptor into the batch; at most one per descriptor and wait.
     *
     * @param token what it was registered by
     * @param events what the kernel says, in {@link UEvent} bits
     */
    protected final void report(long token, int events) {
        if (batchEnd == batchTokens.length) {
            batchTokens = Arrays.copyOf(batchTokens, batchEnd * 2);
            batchEvents = Arrays.copyOf(batchEvents, batchEnd * 2);
        }
        batchTokens[batchEnd] = token;
        batchEvents[batchEnd++] = events;
    }

    @Override
    public final void add(int fd, int interest) throws IOException {
        gate.hold();
        try {
            checkInterest("ADD", fd, interest);
            if (fd < 0) {
                throw error("ADD", fd, "EBADF", "fd=" + fd + " is not a descriptor");
            }
            if (owns(fd)) {
                throw error("ADD", fd, "EINVAL", "a poller cannot watch its own descriptors");
            }
            if (registrations.contains(fd)) {
                if (!registrations.isClosed(fd) && !isStale(fd)) {
                    throw error(
                            "ADD",
                            fd,
                            "EEXIST",
                            "already registered; use modify to change its interest");
                }
                forget(fd);
            }
            int closes = registrations.closes(fd);
            registrations.reserve(fd); // may run out of memory, which must change nothing
            register(fd, interest, registrations.tokenForAdd(fd));
            registrations.add(fd, interest, closes);
        } finally {
            gate.release();
        }
    }

    @Override
    public final void modify(int fd, int interest) throws IOException {
        gate.hold();
        try {
            checkInterest("MOD", fd, interest);
            checkRegistered("MOD", fd);
            if (registrations.isClosed(fd)) {
                throw error(
                        "MOD", fd, "EBADF", "closed while registered; the registration is gone");
            }
            reregister(fd, interest, registrations.tokenForModify(fd, interest));
            registrations.modify(fd, interest);
        } catch (PollerException e) {
            if (e.errno().equals("EBADF")) {
                forget(fd);
            }
            throw e;
        } finally {
            gate.release();
        }
    }

    @Override
    public final void remove(int fd) throws IOException {
        gate.hold();
        try {
            checkRegistered("DEL", fd);
            forget(fd);
        } finally {
            gate.release();
        }
    }

    @Override
    public final int poll(long timeoutNanos, EventSink sink) throws IOException {
        Objects.requireNonNull(sink, "sink");
        gate.enter();
        try {
            long start = timeoutNanos > 0 ? System.nanoTime() : 0;
            long remainingNanos = timeoutNanos;
            for (; ; ) {
                boolean leftOver = batchNext < batchEnd;
                boolean woken = !leftOver && fillBatch(remainingNanos);
                int delivered = deliver(sink);
                if (delivered > 0 || woken || gate.isClosed()) {
                    return delivered;
                }
                if (leftOver) {
                    continue; // nothing came of it: the kernel has yet to be asked
                }
                if (timeoutNanos == 0) {
                    return 0;
                }
                if (timeoutNanos > 0) {
                    remainingNanos = timeoutNanos - (System.nanoTime() - start);
                    if (remainingNanos <= 0) {
                        return 0;
                    }
                }
            }
        } finally {
            gate.exit();
        }
    }

    @Override
    public final void wakeup() {
        gate.wakeup();
    }

    @Override
    public final boolean isOpen() {
        return !gate.isClosed();
    }

    @Override
    public final void close() {
        gate.close();
    }

    /** One kernel wait. True if a wakeup, an interrupt or a close ended it or made it needless. */
    private boolean fillBatch(long timeoutNanos) throws IOException {
        if (timeoutNanos == 0) {
            tryAwait(0);
            return gate.takeNotice();
        }
        Thread self = Thread.currentThread();
        boolean interrupted = self.isInterrupted();
        boolean newlyInterrupted = interrupted && interruptTakenBy != self;
        interruptTakenBy = interrupted ? self : null;
        if (newlyInterrupted || !gate.park()) {
            gate.takeNotice();
            tryAwait(0);
            return true;
        }
        long nanos = Math.min(timeoutNanos, MAX_WAIT_NANOS);
        boolean woken;
        try {
            if (interrupted) {
                tryAwait(nanos);
            } else {
                awaitInterruptibly(nanos);
            }
        } finally {
            woken = gate.unpark();
        }
        if (woken && self.isInterrupted()) {
            interruptTakenBy = self;
        }
        return woken;
    }

    private void awaitInterruptibly(long timeoutNanos) throws IOException {
        interruptHook.enter();
        try {
            tryAwait(timeoutNanos);
        } finally {
            interruptHook.leave();
        }
    }

    /**
     * Waits for the kernel once. When the kernel has no memory for it, pauses instead, and {@link
     * #poll} tries again for the rest of the time. So does a repair that is still owed: what it is
     * to remove ends every wait at once.
     */
    private void tryAwait(long timeoutNanos) throws IOException {
        long nanos = timeoutNanos;
        if (repairOwed && nanos != 0) {
            shortage.pause(nanos);
            nanos = 0;
        }
        try {
            await(nanos);
        } catch (PollerException e) {
            if (!shortage.tolerates(e)) {
                throw e;
            }
            if (nanos != 0) {
                shortage.pause(nanos);
            }
        }
    }

    /** Ends the kernel's wait, or the pause that stands for it. Any thread. */
    private void endWait() {
        shortage.endPause();
        signal();
    }

    /** Hands the batch to the sink, from where the last delivery left off. */
    private int deliver(EventSink sink) throws IOException {
        int delivered = 0;
        while (batchNext < batchEnd && !gate.isClosed()) {
            long token = batchTokens[batchNext];
            int raw = batchEvents[batchNext++];
            int events = admit(token, raw);
            if (events != 0) {
                delivered++;
                sink.onEvent(Registrations.fd(token), events);
            }
        }
        batchNext = 0;
        batchEnd = 0;
        if (staleSeen || repairOwed) {
            staleSeen = false;
            tryRepair();
        }
        return delivered;
    }

    private void tryRepair() throws IOException {
        repairOwed = false;
        try {
            repair();
        } catch (PollerException e) {
            if (!shortage.tolerates(e)) {
                throw e;
            }
            repairOwed = true;
        }
    }

    /** What the user is to see of a raw event, 0 for nothing; ends or disarms its registration. */
    private int admit(long token, int raw) {
        if (!registrations.isCurrent(token)) {
            staleSeen = true;
            return 0;
        }
        int fd = Registrations.fd(token);
        if ((raw & UEvent.NVAL) != 0) {
            forget(fd);
            return UEvent.NVAL;
        }
        if (registrations.isClosed(fd)) {
            forget(fd);
            staleSeen = true;
            return 0;
        }
        int events = registrations.visible(fd, raw);
        if (events != 0 && (registrations.interest(fd) & UEvent.ONESHOT) != 0) {
            registrations.disarm(fd);
            disarm(fd);
        }
        return events;
    }

    private void forget(int fd) {
        unregister(fd);
        registrations.remove(fd);
    }

    private void checkRegistered(String operation, int fd) throws PollerException {
        if (!registrations.contains(fd)) {
            throw error(operation, fd, "ENOENT", "not registered; use add first");
        }
    }

    private void checkInterest(String operation, int fd, int interest) throws PollerException {
        if ((interest & ~ACCEPTED_BITS) != 0) {
            throw new IllegalArgumentException(
                    UEvent.toString(interest & ~ACCEPTED_BITS)
                            + " cannot be asked for (fd="
                            + fd
                            + "); ask for bits of "
                            + UEvent.toString(ACCEPTED_BITS)
                            + ", ERR, HUP and NVAL are always reported");
        }
        int missing = interest & UEvent.MODES & ~supportedModes;
        if (missing != 0) {
            throw new UnsupportedOperationException(
                    UEvent.toString(missing)
                            + " is not supported by this backend (fd="
                            + fd
                            + "); ask supportedEvents() of its provider first");
        }
        if ((interest & UEvent.EXCLUSIVE) != 0
                && (interest & (UEvent.PRI | UEvent.RDHUP | UEvent.ONESHOT)) != 0) {
            throw error(operation, fd, "EINVAL", "EXCLUSIVE goes with IN, OUT and EDGE only");
        }
    }

    private PollerException error(String operation, int fd, String errno, String explanation) {
        return new PollerException(syscall, operation, fd, errno, explanation);
    }
}
