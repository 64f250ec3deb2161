package io.uloop.examples;

import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.group.GroupListener;
import io.uloop.group.UloopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Serves on all processors. Each client learns which loop serves it; then its input is echoed. */
final class ManyLoops implements ConnectionHandler {
    private ManyLoops() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int port = Integer.getInteger("port", 7003);
        ManyLoops handler = new ManyLoops(); // shared by all loops, so it must have no state
        try (UloopGroup group = UloopGroup.builder().name("echo").build();
                GroupListener listener =
                        GroupListener.open(
                                group,
                                new InetSocketAddress("localhost", port),
                                Connection.acceptor(ConnectionOptions.DEFAULTS, () -> handler))) {
            System.out.println(group.size() + " loops listening on " + listener.localAddress());
            Thread.currentThread().join(); // the loops run on threads of the group
        }
    }

    @Override
    public void opened(Connection connection) {
        String greeting = "served by " + Thread.currentThread().getName() + "\n";
        connection.write(ByteBuffer.wrap(greeting.getBytes(StandardCharsets.UTF_8)));
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
