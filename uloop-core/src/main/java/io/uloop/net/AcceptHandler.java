package io.uloop.net;

/**
 * Is told of each connection that a {@link Listener} accepts.
 *
 * @param <C> the kind of connection; one for {@link StreamChannel} serves every listener
 */
@FunctionalInterface
public interface AcceptHandler<C extends StreamChannel> {
    /**
     * Takes one connection, on the loop's thread; it is not registered yet.
     *
     * @param channel the connection, the handler's to register and to close
     * @throws Exception closes the connection, is logged and goes to the loop's {@link
     *     io.uloop.ErrorHandler}; the listener goes on
     */
    void accepted(C channel) throws Exception;
}
