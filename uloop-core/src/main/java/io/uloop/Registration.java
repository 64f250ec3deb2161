package io.uloop;

/**
 * A handler of a loop for a signal, the exit of a process or the end of the loop, active until it
 * is closed. A loop closes its registrations when it is closed. Thread-safe.
 */
public interface Registration extends AutoCloseable {
    /**
     * Removes the handler. Idempotent. The handler is not called again, not even for an event that
     * is already queued. A call in progress on another thread is not interrupted.
     */
    @Override
    void close();
}
