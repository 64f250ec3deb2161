package io.uloop.poller.spi;

import io.uloop.poller.Errno;
import io.uloop.poller.EventSink;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Implements the rules of the contract that are the same for all backends: errors, timeouts,
 * wakeups, interrupts, close, stale events, one-shot registrations and changes by a sink to its own
 * batch. A backend extends this class with its system calls.
 *
 * <p>One poll makes one or more kernel waits. {@link #await} fills the batch through {@link
 * #report}. Each entry is checked against the registration table just before its delivery. If a
 * sink throws, the next poll delivers the rest of the batch first.
 *
 * <p>{@link #signal} may be called by any thread, and {@link #free} by the last thread to leave.
 * The owner thread calls every other method of a backend.
 *
 * @since 0.1
 */
public abstract class ReadinessPoller implements Poller {
    /** The longest single kernel wait in nanoseconds. Some kernels reject a day or more. */
    protected static final long MAX_WAIT_NANOS = TimeUnit.HOURS.toNanos(12);

    /** Longer timeouts never end, and deadlines must be less than 2^63 ns apart. */
    private static final long MAX_TIMEOUT_NANOS = Long.MAX_VALUE >> 1;

    private static final int ACCEPTED_BITS = UEvent.INTERESTS | UEvent.MODES;

    /** When a poll without an event ends. */
    private enum Limit {
        NOW,
        DEADLINE,
        NEVER
    }

    private final String syscall;
    private final int supportedModes;
    private final Registrations registrations;
    private final PollGate gate = new PollGate(this::endWait, this::free);
    private final Shortage shortage = new Shortage(gate::isNoticed);
    private final InterruptHook interruptHook = new InterruptHook(this);
    private final Looks looks = new Looks();

    private long[] batchTokens = new long[64];
    private int[] batchEvents = new int[64];
    private int batchNext;
    private int batchEnd;
    private boolean staleSeen;
    private boolean repairOwed;
    private boolean waited;
    private @Nullable Thread interruptTakenBy;

    /**
     * Creates a poller without registrations.
     *
     * @param syscall the system call named in errors that are found without asking the kernel
     * @param supportedEvents as {@link io.uloop.poller.PollerProvider#supportedEvents}
     * @param closes {@link io.uloop.poller.Descriptors#closes} of the descriptors that this poller
     *     works with
     */
    protected ReadinessPoller(String syscall, int supportedEvents, IntUnaryOperator closes) {
        this.syscall = syscall;
        this.supportedModes = supportedEvents & UEvent.MODES;
        this.registrations = new Registrations(closes);
    }

    /**
     * Waits for the kernel once and reports the ready descriptors. Returns early and empty after
     * EINTR.
     *
     * @param timeoutNanos the timeout in nanoseconds, rounded up to the kernel's resolution; 0 does
     *     not wait, a negative value waits indefinitely
     * @throws PollerException if the wait fails for a reason other than EINTR. After a {@link
     *     PollerException} for lack of memory the wait is retried
     */
    protected abstract void await(long timeoutNanos) throws PollerException;

    /**
     * Like {@link #await}, but waits until a point in time. May return early. A backend overrides
     * it if it can wait for a deadline without a timeout.
     *
     * @param deadlineNanos a value of {@link System#nanoTime}, which may be in the past
     * @throws PollerException as for {@link #await}
     */
    protected void awaitUntil(long deadlineNanos) throws PollerException {
        await(Math.min(untilNanos(deadlineNanos), MAX_WAIT_NANOS));
    }

    /**
     * Returns whether {@link #await} with 0 is cheap, however many descriptors are registered. It
     * then precedes waits for which events are likely to be ready.
     *
     * @return false by default
     */
    protected boolean looksFirst() {
        return false;
    }

    /**
     * Returns the time until a deadline.
     *
     * @param deadlineNanos a value of {@link System#nanoTime}
     * @return nanoseconds, 0 or more
     */
    protected static long untilNanos(long deadlineNanos) {
        return Math.max(0, deadlineNanos - System.nanoTime());
    }

    /**
     * Makes the kernel watch a descriptor, or only checks the descriptor if the interest is empty.
     * A failed call changes nothing.
     *
     * @param fd not registered, not negative, not {@linkplain #owns owned}
     * @param interest a checked interest
     * @param token the token to report it with
     * @throws PollerException EBADF, EPERM, ENOMEM, ENOSPC
     */
    protected abstract void register(int fd, int interest, long token) throws PollerException;

    /**
     * Replaces what the kernel watches. The table still contains the previous interest. EBADF ends
     * the registration. After any other failure nothing has changed.
     *
     * @param fd a registered descriptor
     * @param interest a checked interest
     * @param token the token to report it with from now on
     * @throws PollerException EBADF, ENOMEM, ENOSPC
     */
    protected abstract void reregister(int fd, int interest, long token) throws PollerException;

    /**
     * Makes the kernel forget a descriptor, which may already be closed or reused by another file.
     * The table still contains it.
     *
     * @param fd a registered descriptor
     */
    protected abstract void unregister(int fd);

    /**
     * Returns whether the registered file is provably gone because its number was closed or reused.
     *
     * @param fd a registered descriptor
     * @return false when in doubt
     */
    protected abstract boolean isStale(int fd);

    /**
     * Returns whether a descriptor belongs to this poller.
     *
     * @param fd any number
     * @return true if the descriptor must not be registered
     */
    protected abstract boolean owns(int fd);

    /**
     * Disarms a ONESHOT descriptor that is about to be delivered. Does nothing if the kernel
     * disarms it.
     *
     * @param fd a registered descriptor
     */
    protected void disarm(int fd) {}

    /**
     * Removes stale entries from the kernel. Called after a batch that contained an event without a
     * current registration.
     *
     * @throws PollerException if a stale entry cannot be removed. After a {@link PollerException}
     *     for lack of memory or descriptors this method is called again
     */
    protected void repair() throws PollerException {}

    /**
     * Returns the descriptor of {@link #fd}, which is readable while {@link #await} has something
     * to report or after {@link #signal}. A backend that has one overrides this.
     *
     * @return the same number every time, until {@link #free}
     * @throws PollerException EMFILE, ENFILE, ENOMEM, ENOSPC
     */
    protected int pollable() throws PollerException {
        return Poller.super.fd();
    }

    /**
     * Returns whether {@link #await} would report something that the kernel does not know.
     *
     * @return false by default
     */
    protected boolean reportsUnasked() {
        return false;
    }

    /** Ends the kernel's wait. Called by any thread. Must neither block nor throw. */
    protected abstract void signal();

    /**
     * Releases the poller's own descriptors and memory. Called once, by any thread. Must not throw.
     */
    protected abstract void free();

    /** {@return the registration table, the same object every time} */
    protected final Registrations registrations() {
        return registrations;
    }

    /**
     * Adds a ready descriptor to the batch. Call this at most once per descriptor and wait.
     *
     * @param token the token of the registration
     * @param events the kernel's events, in {@link UEvent} bits
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
    public final void add(int fd, int interest) throws PollerException {
        gate.hold();
        try {
            checkInterest("ADD", fd, interest);
            if (fd < 0) {
                throw error("ADD", fd, Errno.EBADF, "fd=" + fd + " is not a valid descriptor");
            }
            if (owns(fd)) {
                throw error("ADD", fd, Errno.EINVAL, "a poller cannot watch its own descriptors");
            }
            if (registrations.contains(fd)) {
                if (!registrations.isClosed(fd) && !isStale(fd)) {
                    throw error(
                            "ADD",
                            fd,
                            Errno.EEXIST,
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
    public final int interest(int fd) {
        return registrations.interestOrNone(fd);
    }

    @Override
    public final void modify(int fd, int interest) throws PollerException {
        gate.hold();
        try {
            checkInterest("MOD", fd, interest);
            checkRegistered("MOD", fd);
            if (registrations.isClosed(fd)) {
                throw error(
                        "MOD",
                        fd,
                        Errno.EBADF,
                        "closed while registered; its registration has ended");
            }
            reregister(fd, interest, registrations.tokenForModify(fd, interest));
            registrations.modify(fd, interest);
        } catch (PollerException e) {
            if (e.errno() == Errno.EBADF) {
                forget(fd);
            }
            throw e;
        } finally {
            gate.release();
        }
    }

    @Override
    public final void remove(int fd) throws PollerException {
        gate.hold();
        try {
            checkRegistered("DEL", fd);
            forget(fd);
        } finally {
            gate.release();
        }
    }

    @Override
    public final int poll(long timeoutNanos, EventSink sink) throws PollerException {
        if (timeoutNanos > 0 && timeoutNanos < MAX_TIMEOUT_NANOS) {
            return pollUntil(System.nanoTime() + timeoutNanos, sink);
        }
        return poll(timeoutNanos == 0 ? Limit.NOW : Limit.NEVER, 0, sink);
    }

    @Override
    public final int pollUntil(long deadlineNanos, EventSink sink) throws PollerException {
        return poll(Limit.DEADLINE, deadlineNanos, sink);
    }

    private int poll(Limit limit, long deadlineNanos, EventSink sink) throws PollerException {
        Objects.requireNonNull(sink, "sink");
        gate.enter();
        waited = false;
        try {
            for (; ; ) {
                boolean leftOver = batchNext < batchEnd;
                boolean woken = !leftOver && fillBatch(limit, deadlineNanos);
                int delivered = deliver(sink);
                if (delivered > 0 || woken || gate.isClosed()) {
                    return delivered;
                }
                if (leftOver) {
                    continue; // nothing was delivered, and the kernel has not been asked yet
                }
                if (limit == Limit.NOW
                        || (limit == Limit.DEADLINE && untilNanos(deadlineNanos) == 0)) {
                    return 0;
                }
            }
        } finally {
            gate.exit();
        }
    }

    @Override
    public final boolean hasWaited() {
        return waited;
    }

    @Override
    public final int fd() throws PollerException {
        gate.hold();
        try {
            int pollable = pollable();
            gate.watch();
            return pollable;
        } finally {
            gate.release();
        }
    }

    @Override
    public final long timeoutNanos() {
        return batchNext < batchEnd || repairOwed || gate.isNoticed() || reportsUnasked() ? 0 : -1;
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

    /**
     * Waits for the kernel once. Returns true if a wakeup, an interrupt or a close ended the wait
     * or made it unnecessary.
     */
    private boolean fillBatch(Limit limit, long deadlineNanos) throws PollerException {
        if (limit == Limit.NOW) {
            tryAwait(Limit.NOW, 0);
            return gate.takeNotice();
        }
        if (looksFirst() && !repairOwed && looks.areDue()) {
            tryAwait(Limit.NOW, 0);
            if (batchEnd > 0) {
                looks.found();
                noteInterruptCleared();
                return gate.takeNotice();
            }
            looks.missed();
        }
        Thread self = Thread.currentThread();
        boolean interrupted = self.isInterrupted();
        boolean newlyInterrupted = interrupted && interruptTakenBy != self;
        if (interrupted || interruptTakenBy != null) { // storing a reference costs a barrier
            interruptTakenBy = interrupted ? self : null;
        }
        if (newlyInterrupted || !gate.park()) {
            tryAwait(Limit.NOW, 0);
            gate.takeNotice(); // last, as the wait has used up the signal for a watcher
            return true;
        }
        waited = true;
        boolean woken;
        try {
            if (interrupted) {
                tryAwait(limit, deadlineNanos);
            } else {
                awaitInterruptibly(limit, deadlineNanos);
            }
        } finally {
            woken = gate.unpark();
        }
        if (woken && self.isInterrupted()) {
            interruptTakenBy = self;
        }
        return woken;
    }

    /** An interrupt that follows is a new one. */
    private void noteInterruptCleared() {
        if (interruptTakenBy != null && !Thread.currentThread().isInterrupted()) {
            interruptTakenBy = null;
        }
    }

    private void awaitInterruptibly(Limit limit, long deadlineNanos) throws PollerException {
        interruptHook.enter();
        try {
            tryAwait(limit, deadlineNanos);
        } finally {
            interruptHook.leave();
        }
    }

    /**
     * Waits for the kernel once. If the kernel has no memory for the wait, pauses instead, and
     * {@link #poll} retries for the remaining time. Also pauses while a repair is owed, because the
     * stale entry ends every wait at once.
     */
    private void tryAwait(Limit limit, long deadlineNanos) throws PollerException {
        Limit remaining = limit;
        if (repairOwed) {
            pause(limit, deadlineNanos);
            remaining = Limit.NOW;
        }
        try {
            if (remaining == Limit.DEADLINE) {
                awaitUntil(deadlineNanos);
            } else {
                await(remaining == Limit.NOW ? 0 : -1);
            }
        } catch (PollerException e) {
            if (!shortage.tolerates(e)) {
                throw e;
            }
            pause(remaining, deadlineNanos);
        }
    }

    private void pause(Limit limit, long deadlineNanos) {
        if (limit != Limit.NOW) {
            shortage.pause(limit == Limit.NEVER ? -1 : untilNanos(deadlineNanos));
        }
    }

    /** Ends the kernel's wait, or the pause in its place. Any thread may call this. */
    private void endWait() {
        shortage.endPause();
        signal();
    }

    /** Passes the batch to the sink, starting where the last delivery stopped. */
    private int deliver(EventSink sink) throws PollerException {
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

    private void tryRepair() throws PollerException {
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

    /**
     * Returns the events of a raw event that the user sees, or 0 for none. Ends or disarms the
     * registration if necessary.
     */
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
            throw error(operation, fd, Errno.ENOENT, "not registered; use add first");
        }
    }

    private void checkInterest(String operation, int fd, int interest) throws PollerException {
        if ((interest & ~ACCEPTED_BITS) != 0) {
            throw new IllegalArgumentException(
                    UEvent.toString(interest & ~ACCEPTED_BITS)
                            + " cannot be requested (fd="
                            + fd
                            + "); request bits of "
                            + UEvent.toString(ACCEPTED_BITS)
                            + " (ERR, HUP and NVAL are always reported)");
        }
        int missing = interest & UEvent.MODES & ~supportedModes;
        if (missing != 0) {
            throw new UnsupportedOperationException(
                    UEvent.toString(missing)
                            + " is not supported by this backend (fd="
                            + fd
                            + "); check supportedEvents() of its provider first");
        }
        if ((interest & UEvent.EXCLUSIVE) != 0
                && (interest & (UEvent.PRI | UEvent.RDHUP | UEvent.ONESHOT)) != 0) {
            throw error(
                    operation,
                    fd,
                    Errno.EINVAL,
                    "EXCLUSIVE can be combined only with IN, OUT and EDGE");
        }
    }

    private PollerException error(String operation, int fd, Errno errno, String explanation) {
        return new PollerException(syscall, operation, fd, errno, explanation);
    }
}
