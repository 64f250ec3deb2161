package io.uloop;

import io.uloop.observe.Log;
import io.uloop.owner.Origin;
import io.uloop.owner.OwnerReference;
import io.uloop.poller.Poller;

/**
 * The poller of one loop and what observes the loop from outside, without a way back to the loop.
 * If the loop is collected before it is closed, this closes them and logs the leak. Thread-safe.
 */
final class OwnedPoller extends OwnerReference {
    private final String description;
    private final Poller poller;
    private final CloseActions observers = new CloseActions();
    private final Origin origin;

    /** Takes over an open poller. */
    OwnedPoller(Uloop loop, String description, Poller poller, Origin origin) {
        super(loop);
        this.description = description;
        this.poller = poller;
        this.origin = origin;
        track();
    }

    /** Adds an action that ends the observation of the loop. It must not refer to the loop. */
    void addObserver(Runnable atClose) {
        observers.add(atClose);
    }

    /** Closes the poller and ends the observation. Idempotent. */
    void close() {
        untrack();
        poller.close();
        observers.run();
    }

    @Override
    protected void forgotten() {
        close();
        Log.warning(
                description + " was garbage-collected open: call close" + origin.describe(),
                origin.stack());
    }
}
