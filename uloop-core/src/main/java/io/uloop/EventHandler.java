package io.uloop;

/**
 * Handles the events of a descriptor.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface EventHandler {
    /**
     * Called on the loop's thread for each event. The handler may add, modify, remove and close any
     * descriptor, including this one. Read before acting on {@link io.uloop.poller.UEvent#HUP HUP}
     * or {@link io.uloop.poller.UEvent#RDHUP RDHUP}, because data may still be buffered.
     *
     * @param fd the registered descriptor
     * @param events the ready events, bits of {@link io.uloop.poller.UEvent}; never 0. After {@link
     *     io.uloop.poller.UEvent#NVAL NVAL} the descriptor is no longer registered
     * @throws Exception any failure; the loop logs it and passes it to the {@link ErrorHandler}.
     *     The descriptor stays registered, and other handlers are not affected
     */
    void processEvent(int fd, int events) throws Exception;
}
