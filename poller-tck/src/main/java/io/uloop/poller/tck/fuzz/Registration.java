package io.uloop.poller.tck.fuzz;

import static io.uloop.poller.UEvent.EDGE;
import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.INTERESTS;
import static io.uloop.poller.UEvent.ONESHOT;
import static io.uloop.poller.UEvent.OUT;

import io.uloop.poller.UEvent;

/** What the contract says of one registration: what it owes its user in the current poll. */
final class Registration {
    final Handle handle;
    private int interest;
    private boolean armed;
    private int inEdgesSeen;
    private int outEdgesSeen;

    /** In the current poll. */
    private int owed;

    private boolean delivered;
    private boolean fresh = true; // new in the current poll
    private int hintsOfBatch;
    private boolean owedByThrow;
    private boolean certainlyNotLeftOver;

    /** The version of the end when something spurious was last reported. */
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

    /** Closed without having been removed. */
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

    /** R7, R10, R15: replaced, armed, and what the batch still holds is masked or, a shot, gone. */
    void modify(int newInterest) {
        arm(newInterest);
        owed = (newInterest & ONESHOT) != 0 ? 0 : owed & newInterest;
        owedByThrow &= owed != 0;
    }

    /** The bits that a poll that asks the kernel now must report. */
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
     * @param afterThrow whether the former one was ended by its sink
     */
    void begin(boolean afterThrow) {
        hintsOfBatch = afterThrow ? hintsOfBatch | handle.end.hints() : handle.end.hints();
        owed = owedByThrow ? owed & certain() : afterThrow ? 0 : certain();
        certainlyNotLeftOver = afterThrow && (delivered || fresh);
        delivered = false;
        fresh = false;
    }

    /** Forgives what cannot be owed any longer, because a sink has changed something. */
    void review() {
        owed &= certain();
    }

    /** The poll has been ended by its sink: what is owed now comes first in the next. */
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

    /** Whether it cannot be among what the poll before left undelivered. */
    boolean isCertainlyNotLeftOver() {
        return certainlyNotLeftOver;
    }

    /** R3 to R8: checks one event, and notes its consequences. */
    void deliver(int events, int supported) {
        String what =
                handle
                        + ", interest "
                        + UEvent.toString(interest)
                        + ", said "
                        + UEvent.toString(events);
        require(!fresh, "R15", what + " in the batch in which it was added");
        require(!delivered, "R6", what + ", the second event of one poll");
        require((interest & INTERESTS) != 0, "R8", what + " although it is paused");
        require(armed, "R7", what + " although its shot has been fired");
        require(events != 0, "R6", what);
        int hints = UEvent.ERR | UEvent.HUP;
        require((events & ~((interest & INTERESTS) | hints)) == 0, "R2", what + ", not asked for");
        require((events & ~supported) == 0, "R4", what + ", not among supportedEvents");
        int truth = hintsOfBatch | handle.end.hints();
        int falseHints = events & ~(IN | OUT) & ~truth;
        require(falseHints == 0, "R4", what + ", false: " + UEvent.toString(falseHints));
        int readiness = interest & (IN | OUT);
        require(
                (events & hints) == 0 || (events & readiness) == readiness,
                "R3",
                what + ": a hang-up or error is readable and writable");
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

    /** Spurious readiness is allowed, but not again and again when nothing happens. */
    private void requireNoSpin(int events, String what) {
        int spurious = events & handle.end.impossible();
        if (spurious != 0) {
            int version = handle.end.version();
            require(
                    spuriousVersion != version || (spurious & spuriousBits) == 0,
                    "R3",
                    what + ", spurious for the second time: " + UEvent.toString(spurious));
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
