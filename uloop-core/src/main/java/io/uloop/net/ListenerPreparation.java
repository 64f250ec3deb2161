package io.uloop.net;

import java.io.IOException;

/**
 * Configures a listening socket before it is bound: {@link Listener#setOption}, {@link
 * Listener#limitConnections}, {@link Listener#refuseWhenFull}.
 *
 * @see TcpListener#open(io.uloop.Uloop, java.net.SocketAddress, ListenerPreparation)
 * @since 0.1
 */
@FunctionalInterface
public interface ListenerPreparation {
    /**
     * Sets options and limits of the socket.
     *
     * @param listener an open listener, not bound and not registered
     * @throws IOException any failure, for the caller of {@code open}; the socket is then closed
     */
    void prepare(TcpListener listener) throws IOException;
}
