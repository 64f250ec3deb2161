package io.uloop.cli;

import io.uloop.Uloop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** A server that runs on a loop until closed. */
interface Server extends AutoCloseable {
    /** {@return the bound address, with the actual port} */
    SocketAddress localAddress() throws IOException;

    /** {@return what to print behind the address and the backend} */
    default String details() {
        return "";
    }

    /**
     * Closes the sockets of the server and its clients. Call it from the loop's thread, or after
     * the loop has ended.
     */
    @Override
    void close() throws IOException;

    /** Opens a server that serves once the loop runs. */
    @FunctionalInterface
    interface Opener {
        Server open(Uloop loop, InetSocketAddress local) throws IOException;
    }
}
