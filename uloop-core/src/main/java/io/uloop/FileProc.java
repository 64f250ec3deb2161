package io.uloop;

/**
 * Is told when a descriptor can be read, or when it can be written; see {@link Uloop#addReader} and
 * {@link Uloop#addWriter}.
 *
 * @param <T> the client data given with it
 */
@FunctionalInterface
public interface FileProc<T> {
    /**
     * Takes one event, on the loop's thread. It may add, remove and close whatever it likes.
     *
     * @param fd the descriptor
     * @param data what was given when it was added
     * @param events everything that is ready on the descriptor, bits of {@link
     *     io.uloop.poller.UEvent}
     * @throws Exception is logged and goes to the loop's {@link ErrorHandler}; the other proc of
     *     the descriptor is called all the same
     */
    void call(int fd, T data, int events) throws Exception;
}
