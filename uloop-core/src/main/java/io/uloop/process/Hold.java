package io.uloop.process;

import io.uloop.Uloop;
import io.uloop.internal.LoopAccess;

/** Keeps an idle run waiting for something that the loop does not know. Thread-safe. */
final class Hold {
    private final LoopAccess inside;
    private boolean holding;
    private boolean over;

    /**
     * Starts to hold, or does so later.
     *
     * @param holding whether an idle run waits from now on
     */
    Hold(Uloop loop, boolean holding) {
        inside = LoopAccess.of(loop);
        set(holding);
    }

    /** Sets whether an idle run waits until {@link #end}. */
    synchronized void set(boolean changed) {
        if (holding != changed) {
            holding = changed;
            if (!over) {
                inside.awaited(changed ? 1 : -1);
            }
        }
    }

    /** {@return whether an idle run waits until {@link #end}} */
    synchronized boolean isSet() {
        return holding;
    }

    /** Ends the wait. Idempotent. */
    synchronized void end() {
        if (!over) {
            over = true;
            if (holding) {
                inside.awaited(-1);
            }
        }
    }
}
