package io.uloop.poller.tck.fuzz;

import static io.uloop.poller.UEvent.EDGE;
import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.INTERESTS;
import static io.uloop.poller.UEvent.ONESHOT;
import static io.uloop.poller.UEvent.OUT;

import io.uloop.poller.UEvent;

/** A model of one registration, with the events due in the current poll. */
final class Registration {
    final Handle handle;
    private int interest;
    private boolean armed;
    private int inEdgesSeen;
    private int outEdgesSeen;

    /** The bits due in the current poll. */
    private int owed;

    private boolean delivered;
    private boolean fresh = true; // added in the current poll
    private int hintsOfBatch;
    private boolean owedByThrow;
    private boolean certainlyNotLeftOver;

    /** The version of the end at the last spurious event. */
    private int spuriousVersion = -1;

    private int spuriousBits;

    Registration(Handle handle, int interest) {
        this.handle = handle;
        arm(interest);
    }

    int interest() {
        return interest;
    }

    boolean isArmed() {
        return armed && (interest & INTERESTS) != 0;
    }

    /** Returns whether the descriptor was closed without remove. */
    boolean isStale() {
        return !handle.isOpen();
    }

    private void arm(int newInterest) {
        interest = newInterest;
        armed = true;
        inEdgesSeen = -1;
        outEdgesSeen = -1;
        spuriousVersion = -1;
    }

    /**
     * Replaces the interest and rearms; masks the pending event, or drops it if ONESHOT (R7, R10,
     * R15).
     */
    void modify(int newInterest) {
        arm(newInterest);
        owed = (newInterest & ONESHOT) != 0 ? 0 : owed & newInterest;
        owedByThrow &= owed != 0;
    }

    /** Returns the bits that a poll of the kernel must report now. */
    int certain() {
        if (!isArmed() || isStale()) {
            return 0;
        }
        int bits = handle.end.certain() & interest;
        if ((interest & EDGE) != 0) {
            bits &= inEdgesSeen == handle.end.edges(IN) ? ~IN : ~0;
            bits &= outEdgesSeen == handle.end.edges(OUT) ? ~OUT : ~0;
        }
        return bits;
    }

    /**
     * Starts a poll.
     *
     * @param afterThrow whether the previous poll ended with an exception of its sink
     */
    void begin(boolean afterThrow) {
        hintsOfBatch = afterThrow ? hintsOfBatch | handle.end.hints() : handle.end.hints();
        owed = owedByThrow ? owed & certain() : afterThrow ? 0 : certain();
        certainlyNotLeftOver = afterThrow && (delivered || fresh);
        delivered = false;
        fresh = false;
    }

    /** Drops due bits that are no longer certain after a step in a sink. */
    void review() {
        owed &= certain();
    }

    /** Records that the sink threw. Events due now come first in the next poll. */
    void sinkThrew() {
        owedByThrow = isMissing();
    }

    void end() {
        owedByThrow = false;
    }

    boolean isOwedByThrow() {
        return owedByThrow;
    }

    boolean isMissing() {
        return owed != 0 && !delivered;
    }

    int owed() {
        return owed;
    }

    boolean isDelivered() {
        return delivered;
    }

    /** Returns whether this cannot be an event left undelivered by the previous poll. */
    boolean isCertainlyNotLeftOver() {
        return certainlyNotLeftOver;
    }

    /** Checks an event and records its effects (R3 to R8). */
    void deliver(int events, int supported) {
        String what =
                handle
                        + ", interest "
                        + UEvent.toString(interest)
                        + ", reported "
                        + UEvent.toString(events);
        require(!fresh, "R15", what + " in the poll in which it was added");
        require(!delivered, "R6", what + " twice in one poll");
        require((interest & INTERESTS) != 0, "R8", what + " while paused");
        require(armed, "R7", what + " after its ONESHOT fired");
        require(events != 0, "R6", what);
        int hints = UEvent.ERR | UEvent.HUP;
        require(
                (events & ~((interest & INTERESTS) | hints)) == 0,
                "R2",
                what + ", not in the interest");
        require((events & ~supported) == 0, "R4", what + ", not in supportedEvents");
        int truth = hintsOfBatch | handle.end.hints();
        int falseHints = events & ~(IN | OUT) & ~truth;
        require(falseHints == 0, "R4", what + ", false: " + UEvent.toString(falseHints));
        int readiness = interest & (IN | OUT);
        require(
                (events & hints) == 0 || (events & readiness) == readiness,
                "R3",
                what + "; HUP and ERR require IN and OUT");
        int lacking = owed & ~events;
        require(lacking == 0, "R3", what + ", without " + UEvent.toString(lacking));
        requireNoSpin(events, what);
        delivered = true;
        owedByThrow = false;
        armed = (interest & ONESHOT) == 0;
        if ((events & IN) != 0) {
            inEdgesSeen = handle.end.edges(IN);
        }
        if ((events & OUT) != 0) {
            outEdgesSeen = handle.end.edges(OUT);
        }
    }

    /** Allows spurious readiness once, but not repeatedly without a change. */
    private void requireNoSpin(int events, String what) {
        int spurious = events & handle.end.impossible();
        if (spurious != 0) {
            int version = handle.end.version();
            require(
                    spuriousVersion != version || (spurious & spuriousBits) == 0,
                    "R3",
                    what + ", spurious a second time: " + UEvent.toString(spurious));
            spuriousBits = spuriousVersion == version ? spuriousBits | spurious : spurious;
            spuriousVersion = version;
        }
    }

    private static void require(boolean condition, String rule, String message) {
        if (!condition) {
            throw new Divergence(rule, message);
        }
    }
}
