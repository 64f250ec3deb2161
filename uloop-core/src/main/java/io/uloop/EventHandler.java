package io.uloop;

/** Is told when a descriptor is ready. */
@FunctionalInterface
public interface EventHandler {
    /**
     * Takes one event, on the loop's thread. It may add, modify, remove and close any descriptor,
     * this one included. Read before acting on {@link io.uloop.poller.UEvent#HUP HUP} or {@link
     * io.uloop.poller.UEvent#RDHUP RDHUP}: data may still be buffered.
     *
     * @param fd the descriptor, as it was added
     * @param events what is ready, bits of {@link io.uloop.poller.UEvent}; never 0. After {@link
     *     io.uloop.poller.UEvent#NVAL NVAL} the registration is gone
     * @throws Exception is logged and goes to the loop's {@link ErrorHandler}; the registration
     *     stays, and every other handler gets its events
     */
    void processEvent(int fd, int events) throws Exception;
}
