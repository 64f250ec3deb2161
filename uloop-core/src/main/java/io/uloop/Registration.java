package io.uloop;

/**
 * What a loop looks out for besides descriptors and timers, until it is closed: a signal, the end
 * of a process. A loop that is closed closes those that are left.
 */
public interface Registration extends AutoCloseable {
    /**
     * Ends it. Its handler is not called again, not even for what has happened and is queued; only
     * a call that another thread is in the middle of goes on. Any thread, any number of times.
     */
    @Override
    void close();
}
