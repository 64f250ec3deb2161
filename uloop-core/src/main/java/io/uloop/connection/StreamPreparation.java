package io.uloop.connection;

import io.uloop.net.StreamChannel;
import java.io.IOException;

/**
 * Prepares the sockets of a {@link Connector} before they connect.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface StreamPreparation {
    /**
     * Called before each attempt to connect, on the loop's thread. Sets options that must be set
     * before the connect, such as SO_RCVBUF, or binds the socket to a local address.
     *
     * @param socket an unconnected socket of the family of the address; closed if this throws
     * @throws IOException if the address cannot be tried, such as EADDRNOTAVAIL or EADDRINUSE. The
     *     next one is tried at once. Any {@link RuntimeException} counts too, such as an {@link
     *     java.nio.channels.UnsupportedAddressTypeException} for a local address of another family
     */
    void prepare(StreamChannel socket) throws IOException;
}
