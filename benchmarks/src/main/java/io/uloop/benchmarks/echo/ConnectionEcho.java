package io.uloop.benchmarks.echo;

import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.connection.TlsOptions;
import io.uloop.net.TcpListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Echo on {@link Connection}, plain or with TLS. One handler serves all connections. */
final class ConnectionEcho implements ConnectionHandler {
    private ConnectionEcho() {}

    /**
     * Serves until the process ends.
     *
     * @param key the key of a TLS server; null without TLS
     */
    static void run(
            String backend, @Nullable TlsKey key, InetSocketAddress local, IntConsumer ready)
            throws GeneralSecurityException, IOException {
        ConnectionOptions.Builder options = ConnectionOptions.builder();
        if (key != null) {
            options.tls(TlsOptions.server(key.context()).build());
        }
        ConnectionEcho echo = new ConnectionEcho();
        try (Uloop loop = Uloop.builder().poller(backend).build()) {
            TcpListener listener = TcpListener.open(loop, local, EchoServer.BACKLOG);
            listener.register(Connection.acceptor(options.build(), () -> echo));
            ready.accept(((InetSocketAddress) listener.getLocalAddress()).getPort());
            loop.run();
        }
    }

    @Override
    public void received(Connection connection, ByteBuffer data) {
        if (!connection.write(data)) {
            connection.pauseReading();
        }
    }

    @Override
    public void writable(Connection connection) {
        connection.resumeReading();
    }
}
