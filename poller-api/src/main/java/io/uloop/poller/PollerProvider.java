package io.uloop.poller;

import org.jspecify.annotations.Nullable;

/**
 * A backend, found by {@link java.util.ServiceLoader}. Thread-safe. Only {@link #open} and {@link
 * #descriptors} may throw. The other methods also work where the backend cannot run.
 *
 * @since 0.1
 */
public interface PollerProvider {
    /**
     * {@return the name by which users select this backend, in lower case, such as {@code "epoll"}}
     */
    String name();

    /**
     * Returns the rank of this backend among the usable ones.
     *
     * @return the priority, higher is better; epoll 400, kqueue 300, poll 200, select 100
     */
    int priority();

    /**
     * Returns whether this backend is made for the current operating system. If such a backend is
     * not usable, the program was probably started or packaged incorrectly, so {@link Pollers}
     * warns before it selects another one. The specification {@value Pollers#NATIVE} stands for
     * these backends.
     *
     * @return false by default
     */
    default boolean isNative() {
        return false;
    }

    /**
     * Returns why this backend cannot be used here, and how to fix it.
     *
     * @return the reason; null if this backend is usable
     */
    @Nullable String unavailability();

    /**
     * Returns how this backend calls native code, for messages.
     *
     * @return for example {@code "java.lang.foreign"}; null if it does not
     */
    default @Nullable String binding() {
        return null;
    }

    /**
     * Returns the bits that this backend can report, and the modes that it supports. Add and modify
     * reject a mode that is not included. They accept any other bit that is not included, but the
     * poller never reports it.
     *
     * @return bits of {@link UEvent}
     */
    int supportedEvents();

    /**
     * Opens a poller.
     *
     * @return a new poller without registrations
     * @throws UnsupportedOperationException if {@link #unavailability} returns a reason
     * @throws PollerException EMFILE, ENFILE, ENOMEM
     */
    Poller open() throws PollerException;

    /**
     * Returns the I/O operations for the descriptors that this backend polls.
     *
     * @return the only instance in this process
     * @throws UnsupportedOperationException if {@link #unavailability} returns a reason
     */
    Descriptors descriptors();
}
