package io.uloop.net;

import java.io.IOException;

/**
 * Makes a listening socket ready for what it is to do: {@link Listener#setOption}, {@link
 * Listener#limitConnections}, {@link Listener#refuseWhenFull}.
 *
 * @see GroupListener#open(io.uloop.UloopGroup, java.net.SocketAddress, Spread, ListenerPreparation,
 *     AcceptHandler)
 */
@FunctionalInterface
public interface ListenerPreparation {
    /**
     * Sets its options and limits.
     *
     * @param listener open, not bound and not registered
     * @throws IOException which fails the opening; the socket is closed
     */
    void prepare(TcpListener listener) throws IOException;
}
