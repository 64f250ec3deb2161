package io.uloop.net;

/**
 * Handles connections accepted by a {@link Listener}.
 *
 * @param <C> the kind of connection; a handler of {@link StreamChannel} works with every listener
 * @since 0.1
 */
@FunctionalInterface
public interface AcceptHandler<C extends StreamChannel> {
    /**
     * Handles one accepted connection. Called on the loop's thread.
     *
     * @param channel the connection, not registered yet; the handler must close it
     * @throws Exception closes the connection, is logged and passed to the loop's {@link
     *     io.uloop.ErrorHandler}; the listener continues
     */
    void accepted(C channel) throws Exception;
}
