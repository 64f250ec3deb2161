package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.group.GroupListener;
import io.uloop.group.UloopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An echo server that another program starts and stops; it runs on its own threads. */
final class EchoService implements AutoCloseable {
    private final UloopGroup group;
    private final GroupListener listener;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean closing;

    EchoService(InetSocketAddress address) throws IOException {
        ConnectionOptions options =
                ConnectionOptions.builder().idleTimeout(Duration.ofMinutes(5)).build();
        group = UloopGroup.builder().name("echo").build(); // one loop per processor
        for (int i = 0; i < group.size(); i++) {
            Uloop loop = group.loop(i);
            group.atShutdown(i, () -> forEachOf(loop, Connection::close));
            group.atEnd(i, () -> forEachOf(loop, Connection::abort)); // those still open
        }
        try {
            listener = GroupListener.open(group, address, Connection.acceptor(options, Echo::new));
        } catch (IOException | RuntimeException e) {
            group.close();
            throw e;
        }
    }

    public static void main(String[] arguments) throws IOException {
        int port = Integer.getInteger("port", 7000);
        EchoService service = new EchoService(new InetSocketAddress("localhost", port));
        Runtime.getRuntime().addShutdownHook(new Thread(service::close));
        System.out.println("listening on " + service.address()); // the loops have their threads
    }

    SocketAddress address() {
        return listener.localAddress();
    }

    /** Accepts no more and waits up to 5 s for open connections. Not on a loop's thread. */
    @Override
    public void close() {
        closing = true;
        try {
            group.shutdown(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // group.close() ends the rest
        } finally {
            group.close();
        }
    }

    private void forEachOf(Uloop loop, Consumer<Connection> action) {
        connections.stream().filter(each -> each.loop() == loop).forEach(action);
    }

    /** Runs on the thread of its connection's loop, so it needs no lock. */
    private final class Echo implements ConnectionHandler {
        @Override
        public void opened(Connection connection) {
            connections.add(connection);
            if (closing) {
                connection.close();
            }
        }

        @Override
        public void received(Connection connection, ByteBuffer data) {
            if (!connection.write(data)) {
                connection.pauseReading(); // the peer reads more slowly than it sends
            }
        }

        @Override
        public void writable(Connection connection) {
            connection.resumeReading();
        }

        @Override
        public void closed(Connection connection, @Nullable Throwable cause) {
            connections.remove(connection);
        }
    }
}
