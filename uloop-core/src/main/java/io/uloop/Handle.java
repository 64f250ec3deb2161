package io.uloop;

/**
 * A callback of a loop, active until it is closed or its loop is. A program that needs a callback
 * for as long as the loop may ignore its handle.
 *
 * @since 0.1
 */
public interface Handle {
    /**
     * Removes the callback. Idempotent. The callback is not called again, not even for an event
     * that is already queued. A call in progress is not interrupted.
     */
    void close();
}
