package io.uloop.poller;

/** Receives the events of one {@link Poller#poll}, one call per descriptor. */
@FunctionalInterface
public interface EventSink {
    /**
     * Takes one event. Called on the thread that polls, inside {@code poll}. The sink may add,
     * modify, remove and close any descriptor, this one included: what it removes, closes or
     * modifies is taken into account for the rest of the batch. It must not poll the same poller
     * again.
     *
     * <p>An exception leaves {@code poll} as it is; the events not yet delivered come first in the
     * next poll.
     *
     * @param fd the descriptor, as it was registered
     * @param events what is ready, bits of {@link UEvent}; never 0, never a mode bit
     */
    void onEvent(int fd, int events);
}
