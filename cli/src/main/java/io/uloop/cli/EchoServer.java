package io.uloop.cli;

import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.net.TcpListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A server that echoes what clients send, in plain text or over TLS. */
final class EchoServer implements Server {
    private static final System.Logger LOGGER = System.getLogger("Uloop.EchoServer");
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    private final Uloop loop;
    private final TcpListener listener;
    private final Set<Connection> connections = new HashSet<>();
    private final Echo echo = new Echo();

    private EchoServer(Uloop loop, TcpListener listener) {
        this.loop = loop;
        this.listener = listener;
    }

    /** Opens a server that accepts connections on the loop. */
    static EchoServer open(Uloop loop, InetSocketAddress local, ConnectionOptions.Builder options)
            throws IOException {
        TcpListener listener = TcpListener.open(loop, local);
        EchoServer server = new EchoServer(loop, listener);
        ConnectionOptions built = options.closeTimeout(CLOSE_TIMEOUT).build();
        listener.register(Connection.acceptor(built, () -> server.echo));
        return server;
    }

    @Override
    public SocketAddress localAddress() throws IOException {
        return Objects.requireNonNull(listener.getLocalAddress(), "the socket is bound");
    }

    /**
     * Closes the listener and the connections. Each connection has one second to flush its queue
     * before it is reset.
     */
    @Override
    public void close() throws IOException {
        listener.close();
        List.copyOf(connections).forEach(Connection::close);
        long deadline = System.nanoTime() + 2 * CLOSE_TIMEOUT.toNanos();
        while (loop.isOpen() && !connections.isEmpty() && System.nanoTime() - deadline < 0) {
            loop.runOnce(TimeUnit.MILLISECONDS.toNanos(100));
        }
        List.copyOf(connections).forEach(Connection::abort);
    }

    /** Handles all connections. It holds no state of a single connection. */
    private final class Echo implements ConnectionHandler {
        @Override
        public void opened(Connection connection) throws IOException {
            connections.add(connection);
            if (LOGGER.isLoggable(System.Logger.Level.INFO)) {
                log(connection, "opened by " + connection.remoteAddress());
            }
        }

        @Override
        public void received(Connection connection, ByteBuffer data) {
            if (LOGGER.isLoggable(System.Logger.Level.INFO)) {
                log(connection, "received " + Text.quote(data));
            }
            if (!connection.write(data)) {
                connection.pauseReading(); // the client reads more slowly than it sends
            }
        }

        @Override
        public void writable(Connection connection) {
            connection.resumeReading();
        }

        @Override
        public void closed(Connection connection, @Nullable Throwable cause) {
            connections.remove(connection);
            if (LOGGER.isLoggable(System.Logger.Level.INFO)) {
                log(connection, cause == null ? "closed" : "lost: " + cause.getMessage());
            }
        }

        private void log(Connection connection, String message) {
            LOGGER.log(System.Logger.Level.INFO, connection + " " + message);
        }
    }
}
