package io.uloop.poller;

/**
 * Handles the events of a {@link Poller#poll}, one call per ready descriptor.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface EventSink {
    /**
     * Handles one event. The poller calls this on the polling thread, inside {@code poll}. The sink
     * may add, modify, remove and close any descriptor, including this one. Such changes apply to
     * the rest of the batch. The sink must not poll the same poller.
     *
     * <p>An exception propagates out of {@code poll} unchanged. The next poll delivers the
     * remaining events first.
     *
     * @param fd the registered descriptor
     * @param events the ready bits of {@link UEvent}; never 0, never a mode bit
     */
    void onEvent(int fd, int events);
}
