package io.uloop.poller;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One backend, found by {@link java.util.ServiceLoader}. Every method may be called by any thread;
 * none but {@link #open} and {@link #descriptors} throws, also where the backend cannot run.
 */
public interface PollerProvider {
    /**
     * The name by which a user asks for it.
     *
     * @return lower case, {@code "epoll"}
     */
    String name();

    /**
     * Its rank among the usable ones.
     *
     * @return a number, higher is better; epoll 400, kqueue 300, poll 200, select 100
     */
    int priority();

    /**
     * Tells whether the backend is made for this operating system. If such a one cannot be used,
     * something is wrong with how the program was started or packaged: {@link Pollers} warns before
     * it takes another one. The specification {@value Pollers#NATIVE} stands for these backends.
     *
     * @return false unless the backend says otherwise
     */
    default boolean isNative() {
        return false;
    }

    /**
     * Says why the backend cannot be used here, and what to do about it.
     *
     * @return null when it is usable, else the reason in words
     */
    @Nullable String unavailability();

    /**
     * The bits that this backend honours or can report, modes included. A mode outside is refused
     * by add and modify; another bit outside is accepted and never reported.
     *
     * @return bits of {@link UEvent}
     */
    int supportedEvents();

    /**
     * Opens a poller.
     *
     * @return a new one, without registrations
     * @throws PollerException EMFILE, ENFILE, ENOMEM if the kernel has no room for it
     * @throws UnsupportedOperationException if {@link #unavailability} names a reason
     * @throws IOException never other than as above
     */
    Poller open() throws IOException;

    /**
     * The I/O on the descriptors that this backend polls; one object per process.
     *
     * @return the same object every time
     * @throws UnsupportedOperationException if {@link #unavailability} names a reason
     */
    Descriptors descriptors();
}
