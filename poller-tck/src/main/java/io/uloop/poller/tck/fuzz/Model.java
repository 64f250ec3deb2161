package io.uloop.poller.tck.fuzz;

import io.uloop.poller.UEvent;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * The contract of one poller in code: which outcome each call may have, which events a poll must
 * report and which it may. What is true of the files is told by {@link End}, what one registration
 * is owed by {@link Registration}.
 *
 * <p>Where the contract leaves a choice, every choice is allowed: a registration whose descriptor
 * was closed may be there until something has asked for it; a poll that follows a throwing sink may
 * deliver the rest alone; a poll that could not block may or may not use up a wakeup.
 */
final class Model {
    static final String OK = "ok";
    static final String CLOSED = "ClosedPollerException";
    static final String ILLEGAL_STATE = "IllegalStateException";
    static final String ILLEGAL_ARGUMENT = "IllegalArgumentException";
    static final String UNSUPPORTED = "UnsupportedOperationException";

    /** A poll of so many events may have left out others: R16. */
    private static final int CAPACITY = 64;

    /** Polls that are not longer may be over before a wakeup is noticed. */
    private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final int supported;
    private final Map<Integer, Registration> registrations = new TreeMap<>();
    private final Map<Integer, Handle> open = new HashMap<>();
    private boolean closed;
    private boolean renewed;

    private Truth wakeup = Truth.NO;
    private boolean wokenInside;
    private boolean signalled;

    private boolean afterThrow;
    private int delivered;

    Model(int supported) {
        this.supported = supported;
    }

    // Descriptors

    void opened(Handle handle) {
        Handle former = open.put(handle.fd, handle);
        if (former != null) {
            throw new Divergence("descriptors", handle + " is given out although it is " + former);
        }
    }

    void closed(Handle handle) {
        open.remove(handle.fd);
        handle.close();
    }

    /** The descriptor that has a number now, which may be another than the one once named. */
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

    /** R2, R7: what is wrong with an interest itself. */
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
            faults.add("EINVAL");
        }
        return faults;
    }

    /** R9. */
    Set<String> outcomesOfAdd(int fd, int interest) {
        Set<String> outcomes = faults(interest);
        if (closed) {
            return outcomes;
        }
        Handle handle = open.get(fd);
        if (handle == null) {
            outcomes.add("EBADF");
            if (renewed) {
                outcomes.add("EINVAL"); // the new poller may have the number
            }
        } else if (handle.end.kind == Kind.FILE) {
            outcomes.add("EPERM");
        }
        if (isRegistered(fd)) {
            outcomes.add("EEXIST");
        }
        return okIfNone(outcomes);
    }

    void added(int fd, int interest) {
        Handle handle = open.get(fd);
        if (handle != null) {
            registrations.put(fd, new Registration(handle, interest));
        }
    }

    /** R10. */
    Set<String> outcomesOfModify(int fd, int interest) {
        Set<String> outcomes = faults(interest);
        if (closed) {
            return outcomes;
        }
        if (isStale(fd)) {
            outcomes.add("EBADF");
        }
        if (!isRegistered(fd)) {
            outcomes.add("ENOENT");
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
        } else if (outcome.equals("EBADF") || outcome.equals("ENOENT")) {
            registrations.remove(fd);
        }
    }

    /** R10, R11. */
    Set<String> outcomesOfRemove(int fd) {
        if (closed) {
            return Set.of(CLOSED);
        }
        if (isStale(fd)) {
            return Set.of(OK, "ENOENT");
        }
        return Set.of(isRegistered(fd) ? OK : "ENOENT");
    }

    void removed(int fd) {
        registrations.remove(fd);
    }

    private static Set<String> okIfNone(Set<String> faults) {
        return faults.isEmpty() ? Set.of(OK) : faults;
    }

    // Polls

    /** R13: the wakeup was called, inside a sink or not. */
    void wokenUp(boolean inside) {
        wakeup = Truth.YES;
        wokenInside |= inside;
    }

    /** Another thread is about to call wakeup. */
    void signalled() {
        signalled = true;
    }

    /** Whether the next poll has to return at once, or as soon as the other thread has called. */
    boolean isToReturn() {
        return closed
                || signalled
                || wakeup == Truth.YES
                || registrations.values().stream().anyMatch(r -> r.certain() != 0);
    }

    Set<String> outcomesOfPoll() {
        return Set.of(closed ? CLOSED : OK);
    }

    void beginPoll() {
        delivered = 0;
        wokenInside = false;
        registrations.values().forEach(registration -> registration.begin(afterThrow));
    }

    /** One event; the registration that it is of. */
    Registration event(int fd, int events) {
        String what = "fd " + fd + " said " + UEvent.toString(events);
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

    /** R11: one NVAL, no other event, and only where it is not silent. */
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
                            + ", said "
                            + UEvent.toString(events));
        }
        registrations.remove(registration.handle.fd);
    }

    /** R15: what a throwing sink left comes first. */
    private void requireNothingLeftOver(Registration early) {
        for (Registration other : registrations.values()) {
            if (other.isOwedByThrow() && other.isMissing()) {
                throw new Divergence(
                        "R15", early.handle + " before " + other.handle + ", left by a throw");
            }
        }
    }

    /** Something was done inside a sink. */
    void review() {
        registrations.values().forEach(Registration::review);
    }

    /** The sink has thrown, and poll with it. */
    void sinkThrew() {
        registrations.values().forEach(Registration::sinkThrew);
        afterThrow = true;
        passWakeup(false);
    }

    /** The poll has returned. */
    void endPoll(int returned, long timeoutNanos, long elapsedNanos) {
        if (returned != delivered) {
            throw new Divergence("R6", "poll returned " + returned + " of " + delivered);
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
     * R3, R15. After a throw a poll owes what was left, and only if that came to nothing all the
     * rest.
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
                                + ", did not say "
                                + UEvent.toString(bits));
            }
        }
    }

    /** R12, R13. */
    private void requireTime(boolean early, long timeoutNanos, long elapsedNanos) {
        String what = "poll(" + timeoutNanos + " ns) returned empty after " + elapsedNanos + " ns";
        if (early && wakeup == Truth.NO && !signalled) {
            throw new Divergence("R12", what + " and nobody woke it");
        }
        if (timeoutNanos > SHORT_NANOS
                && elapsedNanos >= timeoutNanos
                && (wakeup == Truth.YES || signalled)) {
            throw new Divergence("R13", what + " although it was woken");
        }
    }

    /**
     * @param noticed whether a wakeup there was has certainly been used up
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
    }

    /** The poller was closed. */
    void shut() {
        closed = true;
    }

    /** A new poller has taken the place of a closed one. */
    void renewed() {
        registrations.clear();
        closed = false;
        renewed = true;
        afterThrow = false;
        wakeup = Truth.NO;
        wokenInside = false;
        signalled = false;
    }
}
