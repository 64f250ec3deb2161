package io.uloop.net;

import org.jspecify.annotations.Nullable;

/** A connection or an attempt to connect whose last call is still to come. */
abstract class LoopMember {
    @Nullable LoopMember previous; // null outside the ring
    @Nullable LoopMember next;

    /** Ends it and makes the last call, behind the last turn of a loop that was closed. */
    abstract void loopClosed();

    /** The group of its loop begins to shut down. */
    void shutdownBegins() {}

    /** Leaves its loop. Idempotent. */
    final void leaveLoop() {
        if (previous != null && next != null) {
            previous.next = next;
            next.previous = previous;
            previous = null;
            next = null;
        }
    }
}
