package io.uloop;

import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;

/**
 * Describes a callback that threw an exception, for an {@link ErrorHandler}.
 *
 * @param kind "handler", "task", "timer", "hook", "signal handler", "exit handler" or "end
 *     handler"; "wait for events" if the loop itself failed
 * @param callback the {@link EventHandler}, {@link LoopTask} or other object that was called; the
 *     {@link Uloop} if the wait failed
 * @param fd the descriptor that was ready, which the callback may have closed since; {@link
 *     Descriptors#NONE} if the callback does not handle a descriptor
 * @param events its ready events, bits of {@link UEvent}; 0 if there was no descriptor
 * @since 0.1
 */
public record FailedCallback(String kind, Object callback, int fd, int events) {
    /** {@return the end of a sentence about the failure} */
    String where() {
        return fd == Descriptors.NONE ? "" : " on fd=" + fd + " with " + UEvent.toString(events);
    }

    @Override
    public String toString() {
        return kind + ' ' + Failures.describe(callback) + where();
    }
}
