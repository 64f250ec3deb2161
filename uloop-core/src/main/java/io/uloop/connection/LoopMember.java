package io.uloop.connection;

import org.jspecify.annotations.Nullable;

/** A connection or a connect attempt that has not made its last call. */
abstract class LoopMember {
    @Nullable LoopMember previous; // null outside the ring
    @Nullable LoopMember next;

    /** Ends the member and makes its last call, after the last turn of a closed loop. */
    abstract void loopClosed() throws Exception;

    /** Called when the shutdown of the loop's group begins. */
    void shutdownBegins() {}

    /** Leaves the ring of the loop's members. Idempotent. */
    final void leaveLoop() {
        if (previous != null && next != null) {
            previous.next = next;
            next.previous = previous;
            previous = null;
            next = null;
        }
    }
}
