package io.uloop.owner;

import java.lang.ref.PhantomReference;
import org.jspecify.annotations.Nullable;

/**
 * A reference to the owner of something that must be closed. If the owner is collected first, this
 * closes it. It must not refer to the owner in any other way, because all tracked references are
 * reachable. Thread-safe.
 */
public abstract class OwnerReference extends PhantomReference<Object> {
    // The list of what is open.
    @Nullable OwnerReference previous;
    @Nullable OwnerReference next;

    /**
     * Creates a reference, which {@link #track} takes over.
     *
     * @param owner the object that the program closes
     */
    protected OwnerReference(Object owner) {
        super(owner, Forgotten.QUEUE);
    }

    /**
     * Starts to wait for the collection of the owner. Called once, when this object is complete. A
     * constructor that failed earlier leaves what it opened to its caller.
     */
    protected final void track() {
        Forgotten.add(this);
    }

    /** Stops waiting, because the owner is closed. Idempotent. */
    protected final void untrack() {
        Forgotten.remove(this);
    }

    /** Called on a thread of this package after the owner was collected. */
    protected abstract void forgotten();
}
