package io.uloop.observe;

import org.jspecify.annotations.Nullable;

/**
 * A descriptor that a loop watches.
 *
 * @param fd its number
 * @param interest its interest, bits of {@link io.uloop.poller.UEvent}; -1 if unknown
 * @param handler the class of the program's handler
 * @param via the class of the library between the loop and that handler, or null
 * @param ageNanos how long it has been registered; -1 if for longer than somebody has watched
 */
public record WatchedDescriptor(
        int fd, int interest, Class<?> handler, @Nullable Class<?> via, long ageNanos) {}
