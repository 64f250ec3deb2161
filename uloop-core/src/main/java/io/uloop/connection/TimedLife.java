package io.uloop.connection;

import io.uloop.Uloop;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The timeouts of a connection.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
abstract class TimedLife extends ConnectionLife {
    private @Nullable Deadlines deadlines; // null while no timeout can occur

    TimedLife(Phase first) {
        super(first);
    }

    /** Handles what an event might have reported by now. */
    abstract void catchUp();

    /** Returns whether bytes are pending. */
    abstract boolean isPending();

    abstract Shared shared();

    /** Records the start of an event, in which the time is read at most once. */
    final void eventBegins() {
        if (deadlines != null) {
            deadlines.eventBegins();
        }
    }

    final void eventEnds() {
        if (deadlines != null) {
            deadlines.eventEnds();
        }
    }

    /** Records that bytes have moved in either direction. */
    final void moved() {
        if (deadlines != null) {
            deadlines.moved();
        }
    }

    /** Records that the peer has taken some of the pending bytes. */
    final void taken() {
        if (deadlines != null) {
            deadlines.taken();
        }
    }

    /** Starts the timeouts of a state that is new. */
    final void updateDeadlines(Uloop loop) {
        boolean pending = isPending();
        boolean closing = phase == Phase.CLOSING;
        if (deadlines == null && Deadlines.areNeeded(shared().options, pending, closing)) {
            deadlines = new Deadlines(loop, shared(), this::checkDeadlines);
        }
        if (deadlines != null) {
            deadlines.update(pending, closing);
        }
    }

    final void cancelDeadlines() {
        if (deadlines != null) {
            deadlines.cancel();
        }
    }

    private void checkDeadlines() {
        Deadlines timeouts = deadlines;
        if (timeouts == null) {
            return;
        }
        if (timeouts.isDue()) {
            // The loop may have been delayed, not the peer: bytes that have arrived count.
            catchUp();
        }
        if (phase.isOver()) {
            return;
        }
        Deadlines.Expiry expiry = timeouts.check();
        if (expiry == Deadlines.Expiry.PEER_OPEN) {
            end(null, false);
        } else if (expiry != Deadlines.Expiry.NONE) {
            end(new SocketTimeoutException(this + timeouts.describe(expiry)), isPending());
        }
    }
}
