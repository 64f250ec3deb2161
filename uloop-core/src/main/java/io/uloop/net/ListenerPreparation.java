package io.uloop.net;

import java.io.IOException;

/**
 * Configures a listening socket before it is bound: {@link Listener#setOption}, {@link
 * Listener#limitConnections}, {@link Listener#refuseWhenFull}.
 *
 * @see GroupListener#open(io.uloop.group.UloopGroup, java.net.SocketAddress, Spread,
 *     ListenerPreparation, AcceptHandler)
 */
@FunctionalInterface
public interface ListenerPreparation {
    /**
     * Sets options and limits of the socket.
     *
     * @param listener an open listener, not bound and not registered
     * @throws IOException fails {@link GroupListener#open(io.uloop.group.UloopGroup,
     *     java.net.SocketAddress, Spread, ListenerPreparation, AcceptHandler) open}, which closes
     *     the socket
     */
    void prepare(TcpListener listener) throws IOException;
}
