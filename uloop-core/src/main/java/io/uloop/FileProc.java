package io.uloop;

/**
 * Handles the events of one direction of a descriptor; see {@link Uloop#addReader} and {@link
 * Uloop#addWriter}.
 *
 * @param <T> the type of the client data
 */
@FunctionalInterface
public interface FileProc<T> {
    /**
     * Called on the loop's thread for each event. It may add, remove and close any descriptor.
     *
     * @param fd the descriptor
     * @param data the data passed when the proc was added
     * @param events all ready events of the descriptor, bits of {@link io.uloop.poller.UEvent}
     * @throws Exception any failure; the loop logs it and passes it to the {@link ErrorHandler}.
     *     The other proc of the descriptor is called nevertheless
     */
    void call(int fd, T data, int events) throws Exception;
}
