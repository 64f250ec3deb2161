package io.uloop.examples;

import io.uloop.Uloop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Something that serves on a loop until closed. */
interface Server extends AutoCloseable {
    /** Where it serves, with the port that it got. */
    SocketAddress localAddress() throws IOException;

    /** Closes its sockets, those of its clients included; on the loop's thread or after its end. */
    @Override
    void close() throws IOException;

    /** Opens a server that serves as soon as the loop runs. */
    @FunctionalInterface
    interface Opener {
        Server open(Uloop loop, InetSocketAddress local) throws IOException;
    }
}
