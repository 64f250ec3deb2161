package io.uloop.fiber;

import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.time.Duration;

/**
 * Describes a fiber at one moment, see {@link Fibers#list}.
 *
 * @param name its name
 * @param age the time since it was started
 * @param state what it does
 * @param fd the descriptor that it waits for; {@link Descriptors#NONE} if it waits for none
 * @param events the events that it waits for, bits of {@link UEvent}; 0 if it waits for none
 * @since 0.1
 */
public record FiberInfo(String name, Duration age, FiberState state, int fd, int events) {
    @Override
    public String toString() {
        String what = fd == Descriptors.NONE ? "" : " fd=" + fd + " for " + UEvent.toString(events);
        return name + " (" + age.toMillis() + " ms) " + state + what;
    }
}
