package io.uloop.observe;

import org.jspecify.annotations.Nullable;

/** What watchdogs see of a loop. Thread-safe. */
public interface LoopView {
    /** {@return the loop's name} */
    String name();

    /** {@return the thread inside one of the {@code run} methods, or null} */
    @Nullable Thread runner();

    /**
     * {@return the callback that handles the events of a descriptor, or null} An estimate outside
     * the loop's thread.
     *
     * @param fd any number
     */
    @Nullable Object handler(int fd);

    /**
     * {@return the interest of a descriptor; -1 if it is not registered or unknown} An estimate
     * outside the loop's thread.
     *
     * @param fd any number
     */
    int interest(int fd);

    /**
     * {@return an exclusive upper bound of the registered descriptors} An estimate outside the
     * loop's thread.
     */
    int limit();
}
