package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.connection.Connector;
import io.uloop.connection.frames.FrameHandler;
import io.uloop.connection.frames.Lines;
import io.uloop.net.TcpListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Forwards lines of a client to a server and its answers back, no faster than each reads. */
@SuppressWarnings("NullAway.Init") // both connections are open before anything is received
final class LineProxy implements ConnectionHandler, FrameHandler {
    private static final Lines LINES = Lines.upTo(64 * 1024);

    private Connection client;
    private Connector attempt;
    private Connection server;

    private LineProxy() {}

    public static void main(String[] arguments) throws IOException {
        var local = new InetSocketAddress("localhost", Integer.getInteger("port", 7002));
        try (Uloop loop = Uloop.open();
                TcpListener listener = TcpListener.open(loop, local)) {
            listener.register(
                    Connection.acceptor(
                            ConnectionOptions.DEFAULTS, () -> LINES.handler(new LineProxy())));
            System.out.println("listening on " + listener.getLocalAddress());
            loop.run();
        }
    }

    @Override
    public void opened(Connection connection) {
        if (client == null) {
            client = connection;
            client.pauseReading(); // until the server is connected
            var address = new InetSocketAddress("localhost", Integer.getInteger("server", 7000));
            attempt =
                    Connector.connect(
                            client.loop(), List.of(address), ConnectionOptions.DEFAULTS, this);
        } else {
            server = connection;
            client.resumeReading();
        }
    }

    @Override
    public void openFailed(IOException cause) {
        client.abort();
    }

    /** Forwards a line of the client. A longer one ends the connection. */
    @Override
    public void frame(Connection from, ByteBuffer line) {
        if (!LINES.write(server, line)) {
            from.pauseReading(); // until the other one has read enough
        }
    }

    /** Forwards bytes of the server. */
    @Override
    public void received(Connection from, ByteBuffer data) {
        if (!client.write(data)) {
            from.pauseReading();
        }
    }

    @Override
    public void writable(Connection to) {
        other(to).resumeReading();
    }

    @Override
    public void inputClosed(Connection from) {
        other(from).shutdownOutput();
    }

    @Override
    public void closed(Connection ended, @Nullable Throwable cause) {
        if (server == null) { // the client has gone, or was aborted, before the server was there
            attempt.cancel();
        } else {
            other(ended).close();
        }
    }

    private Connection other(Connection one) {
        return one == client ? server : client;
    }
}
