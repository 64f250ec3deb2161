package io.uloop;

/**
 * A {@link Handle} that may keep {@link Uloop#runUntilIdle} waiting while it is active. Channels,
 * connections and event sources have the same methods.
 *
 * @since 0.1
 */
public interface RefHandle extends Handle {
    /**
     * Lets an idle run end although this is active. The callback is still called while the loop
     * runs. Idempotent.
     *
     * @return this
     */
    RefHandle unref();

    /**
     * Keeps an idle run waiting while this is active. Idempotent.
     *
     * @return this
     */
    RefHandle ref();

    /** {@return whether this keeps an idle run waiting while it is active} */
    boolean hasRef();
}
