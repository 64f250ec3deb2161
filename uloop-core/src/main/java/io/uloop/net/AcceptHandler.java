package io.uloop.net;

/** Is told of each connection that a {@link TcpListener} accepts. */
@FunctionalInterface
public interface AcceptHandler {
    /**
     * Takes one connection, on the loop's thread; it is not registered yet.
     *
     * @param channel the connection, the handler's to register and to close
     * @throws Exception closes the connection, is logged and goes to the loop's {@link
     *     io.uloop.ErrorHandler}; the listener goes on
     */
    void accepted(TcpChannel channel) throws Exception;
}
