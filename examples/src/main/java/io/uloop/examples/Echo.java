package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.net.TcpListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Sends back what each client sends. Try it: {@code nc 127.0.0.1 7000}. */
final class Echo implements ConnectionHandler {
    private Echo() {}

    public static void main(String[] arguments) throws IOException {
        int port = Integer.getInteger("port", 7000);
        ConnectionOptions options =
                ConnectionOptions.builder().idleTimeout(Duration.ofMinutes(5)).build();
        Echo echo = new Echo(); // stores nothing, so all connections can share it
        try (Uloop loop = Uloop.open();
                TcpListener listener =
                        TcpListener.open(loop, new InetSocketAddress("localhost", port))) {
            listener.register(Connection.acceptor(options, () -> echo));
            System.out.println("listening on " + listener.getLocalAddress());
            loop.run();
        }
    }

    @Override
    public void received(Connection connection, ByteBuffer data) {
        if (!connection.write(data)) {
            connection.pauseReading(); // the client sends faster than it reads
        }
    }

    @Override
    public void writable(Connection connection) {
        connection.resumeReading();
    }
}
