package io.uloop.poller.tck.fuzz;

import io.uloop.poller.Errno;
import io.uloop.poller.UEvent;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * A model of the contract for one poller: the allowed outcomes of each call, and the events that a
 * poll must and may report. {@link End} models the state of files, {@link Registration} the events
 * due to one registration.
 *
 * <p>If the contract leaves a choice, the model accepts every choice. A registration of a closed
 * descriptor may exist until a call notices the close. A poll after a throwing sink may deliver
 * only the rest of the batch. A poll that could not block may or may not consume a wakeup.
 */
final class Model {
    static final String OK = "ok";
    static final String CLOSED = "ClosedPollerException";
    static final String ILLEGAL_STATE = "IllegalStateException";
    static final String ILLEGAL_ARGUMENT = "IllegalArgumentException";
    static final String UNSUPPORTED = "UnsupportedOperationException";

    static final String NOT_OPEN = Errno.EBADF.name();

    /** The failures of modify that end the registration. */
    private static final Set<String> ENDING = Set.of(NOT_OPEN, Errno.ENOENT.name());

    /** A poll of this many events may have left out others (R16). */
    private static final int CAPACITY = 64;

    /** Polls of up to this time may end before a wakeup is noticed. */
    private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final int supported;
    private final Map<Integer, Registration> registrations = new TreeMap<>();
    private final Map<Integer, Handle> open = new HashMap<>();
    private boolean closed;

    /** Whether the poller has opened descriptors since the first step. */
    private boolean opensOwn;

    private Truth wakeup = Truth.NO;
    private boolean wokenInside;
    private boolean signalled;
    private boolean signalledLate;

    private boolean afterThrow;
    private int delivered;

    Model(int supported) {
        this.supported = supported;
    }

    // Descriptors

    void opened(Handle handle) {
        Handle former = open.put(handle.fd, handle);
        if (former != null) {
            throw new Divergence(
                    "descriptors", handle + " was returned while it is still open as " + former);
        }
    }

    void closed(Handle handle) {
        open.remove(handle.fd);
        handle.close();
    }

    /** Returns whether a number is open, possibly as another descriptor than before. */
    boolean isOpen(int fd) {
        return open.containsKey(fd);
    }

    // Registrations

    private boolean isRegistered(int fd) {
        Registration registration = registrations.get(fd);
        return registration != null && !registration.isStale();
    }

    private boolean isStale(int fd) {
        Registration registration = registrations.get(fd);
        return registration != null && registration.isStale();
    }

    /** Returns the faults of an interest itself (R2, R7). */
    private Set<String> faults(int interest) {
        Set<String> faults = new TreeSet<>();
        if (closed) {
            faults.add(CLOSED);
            return faults;
        }
        if ((interest & ~(UEvent.INTERESTS | UEvent.MODES)) != 0) {
            faults.add(ILLEGAL_ARGUMENT);
        }
        if ((interest & UEvent.MODES & ~supported) != 0) {
            faults.add(UNSUPPORTED);
        } else if ((interest & UEvent.EXCLUSIVE) != 0
                && (interest & (UEvent.PRI | UEvent.RDHUP | UEvent.ONESHOT)) != 0) {
            faults.add(Errno.EINVAL.name());
        }
        return faults;
    }

    /** Returns the allowed outcomes of add (R9). */
    Set<String> outcomesOfAdd(int fd, int interest) {
        Set<String> outcomes = faults(interest);
        if (closed) {
            return outcomes;
        }
        Handle handle = open.get(fd);
        if (handle == null) {
            outcomes.add(Errno.EBADF.name());
            if (opensOwn) {
                outcomes.add(Errno.EINVAL.name()); // the poller may have the number
            }
        } else if (handle.end.kind == Kind.FILE) {
            outcomes.add(Errno.EPERM.name());
        }
        if (isRegistered(fd)) {
            outcomes.add(Errno.EEXIST.name());
        }
        return okIfNone(outcomes);
    }

    void added(int fd, int interest) {
        Handle handle = open.get(fd);
        if (handle != null) {
            registrations.put(fd, new Registration(handle, interest));
        }
    }

    /** Returns the allowed outcomes of modify (R10). */
    Set<String> outcomesOfModify(int fd, int interest) {
        Set<String> outcomes = faults(interest);
        if (closed) {
            return outcomes;
        }
        if (isStale(fd)) {
            outcomes.add(Errno.EBADF.name());
        }
        if (!isRegistered(fd)) {
            outcomes.add(Errno.ENOENT.name());
        }
        return okIfNone(outcomes);
    }

    void modified(int fd, int interest, String outcome) {
        Registration registration = registrations.get(fd);
        if (registration == null) {
            return;
        }
        if (outcome.equals(OK)) {
            registration.modify(interest);
        } else if (ENDING.contains(outcome)) {
            registrations.remove(fd);
        }
    }

    /** Returns the allowed outcomes of remove (R10, R11). */
    Set<String> outcomesOfRemove(int fd) {
        if (closed) {
            return Set.of(CLOSED);
        }
        if (isStale(fd)) {
            return Set.of(OK, Errno.ENOENT.name());
        }
        return Set.of(isRegistered(fd) ? OK : Errno.ENOENT.name());
    }

    void removed(int fd) {
        registrations.remove(fd);
    }

    private static Set<String> okIfNone(Set<String> faults) {
        return faults.isEmpty() ? Set.of(OK) : faults;
    }

    // Polls

    /** Records a call of wakeup, in a sink or outside (R13). */
    void wokenUp(boolean inside) {
        wakeup = Truth.YES;
        wokenInside |= inside;
    }

    /** Records that another thread is about to call wakeup. */
    void signalled() {
        signalled = true;
    }

    /** Records that the other thread called wakeup too late for the current poll to notice. */
    void signalledLate() {
        signalledLate = true;
    }

    /** Returns whether the next poll must return at once, or when the other thread calls wakeup. */
    boolean isToReturn() {
        return closed || signalled || isWoken() || isToDeliver();
    }

    /** Returns whether a wakeup is certainly pending. */
    boolean isWoken() {
        return !closed && wakeup == Truth.YES;
    }

    /** Returns whether the next poll must deliver an event. */
    boolean isToDeliver() {
        return !closed && registrations.values().stream().anyMatch(r -> r.certain() != 0);
    }

    /** Records that the poller has opened a descriptor for others. */
    void watched() {
        opensOwn = true;
    }

    Set<String> outcomesOfPoll() {
        return Set.of(closed ? CLOSED : OK);
    }

    void beginPoll() {
        delivered = 0;
        wokenInside = false;
        registrations.values().forEach(registration -> registration.begin(afterThrow));
    }

    /** Checks an event and returns its registration. */
    Registration event(int fd, int events) {
        String what = "fd " + fd + " reported " + UEvent.toString(events);
        Registration registration = registrations.get(fd);
        if (closed) {
            throw new Divergence("R17", what + " after the poller was closed");
        }
        if (registration == null) {
            throw new Divergence("R1", what + " although it is not registered");
        }
        delivered++;
        if (registration.isStale()) {
            farewell(registration, events);
        } else {
            if (registration.isCertainlyNotLeftOver()) {
                requireNothingLeftOver(registration);
            }
            registration.deliver(events, supported);
        }
        return registration;
    }

    /** Checks an event of a closed descriptor: one NVAL at most, and only if not paused (R11). */
    private void farewell(Registration registration, int events) {
        if (events != UEvent.NVAL
                || (supported & UEvent.NVAL) == 0
                || !registration.isArmed()
                || registration.isDelivered()) {
            throw new Divergence(
                    "R11",
                    registration.handle
                            + ", closed, interest "
                            + UEvent.toString(registration.interest())
                            + ", reported "
                            + UEvent.toString(events));
        }
        registrations.remove(registration.handle.fd);
    }

    /** Requires that events left by a throwing sink come first (R15). */
    private void requireNothingLeftOver(Registration early) {
        for (Registration other : registrations.values()) {
            if (other.isOwedByThrow() && other.isMissing()) {
                throw new Divergence(
                        "R15",
                        early.handle
                                + " came before "
                                + other.handle
                                + ", which a throwing sink left");
            }
        }
    }

    /** Updates the registrations after a step in a sink. */
    void review() {
        registrations.values().forEach(Registration::review);
    }

    /** Records that the sink threw out of poll. */
    void sinkThrew() {
        registrations.values().forEach(Registration::sinkThrew);
        afterThrow = true;
        passWakeup(false);
    }

    /** Checks a poll that has returned. */
    void endPoll(int returned, long timeoutNanos, long elapsedNanos) {
        if (returned != delivered) {
            throw new Divergence("R6", "poll returned " + returned + " but delivered " + delivered);
        }
        boolean early = delivered == 0 && timeoutNanos > 0 && elapsedNanos < timeoutNanos;
        if (!closed) {
            requireNothingMissing();
            requireTime(early, timeoutNanos, elapsedNanos);
        }
        afterThrow = false;
        registrations.values().forEach(Registration::end);
        passWakeup(early || (delivered == 0 && timeoutNanos > SHORT_NANOS));
    }

    /**
     * Requires that every due event was delivered (R3, R15). A poll after a throw must deliver the
     * rest of the batch. It must deliver other events only if nothing is left of the batch.
     */
    private void requireNothingMissing() {
        for (Registration registration : registrations.values()) {
            int bits = registration.isMissing() ? registration.owed() : 0;
            if (afterThrow && delivered == 0) {
                bits = registration.certain();
            }
            if (bits != 0 && delivered < CAPACITY) {
                throw new Divergence(
                        registration.isOwedByThrow() ? "R15" : "R3",
                        registration.handle
                                + ", interest "
                                + UEvent.toString(registration.interest())
                                + ", did not report "
                                + UEvent.toString(bits));
            }
        }
    }

    /** Checks the duration of a poll (R12, R13). */
    private void requireTime(boolean early, long timeoutNanos, long elapsedNanos) {
        String what = "poll(" + timeoutNanos + " ns) returned empty after " + elapsedNanos + " ns";
        if (early && wakeup == Truth.NO && !signalled) {
            throw new Divergence("R12", what + " without a wakeup");
        }
        if (timeoutNanos > SHORT_NANOS
                && elapsedNanos >= timeoutNanos
                && (wakeup == Truth.YES || (signalled && !signalledLate))) {
            throw new Divergence("R13", what + " despite a wakeup");
        }
    }

    /**
     * @param noticed whether a pending wakeup has certainly been consumed
     */
    private void passWakeup(boolean noticed) {
        if (wokenInside) {
            wakeup = Truth.YES;
        } else if (signalled) {
            wakeup = Truth.MAYBE;
        } else if (noticed) {
            wakeup = Truth.NO;
        } else if (wakeup == Truth.YES) {
            wakeup = Truth.MAYBE;
        }
        signalled = false;
        signalledLate = false;
    }

    /** Records that the poller was closed. */
    void shut() {
        closed = true;
    }

    /** Records that a new poller has replaced a closed one. */
    void renewed() {
        registrations.clear();
        closed = false;
        opensOwn = true;
        afterThrow = false;
        wakeup = Truth.NO;
        wokenInside = false;
        signalled = false;
        signalledLate = false;
    }
}
