package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.net.TcpListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Sends what one client says to all others. Try it: {@code nc 127.0.0.1 7001}, twice. */
final class Chat implements ConnectionHandler {
    private final Set<Connection> members = new LinkedHashSet<>();
    private int visitors;

    private Chat() {}

    public static void main(String[] arguments) throws IOException {
        int port = Integer.getInteger("port", 7001);
        Chat chat = new Chat();
        try (Uloop loop = Uloop.open();
                TcpListener listener =
                        TcpListener.open(loop, new InetSocketAddress("localhost", port))) {
            listener.register(Connection.acceptor(ConnectionOptions.DEFAULTS, () -> chat));
            System.out.println("listening on " + listener.getLocalAddress());
            loop.run();
        }
    }

    @Override
    public void opened(Connection connection) {
        visitors++;
        members.add(connection);
        tell(connection, text("* visitor " + visitors + " joined\n"));
    }

    @Override
    public void received(Connection connection, ByteBuffer data) {
        tell(connection, data);
    }

    @Override
    public void closed(Connection connection, @Nullable Throwable cause) {
        members.remove(connection);
        tell(connection, text("* a visitor left\n"));
    }

    private void tell(Connection speaker, ByteBuffer message) {
        for (Connection member : members) {
            if (member != speaker && !member.write(message.duplicate())) {
                member.abort(); // does not read; closed() follows later, so the set is unchanged
            }
        }
    }

    private static ByteBuffer text(String line) {
        return ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
    }
}
