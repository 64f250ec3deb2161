package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.uloop.EachBackend;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;

/** Connections over loopback: what their suites share. */
class EachConnection extends EachBackend {
    /** A connection's one end, and what has been told of it. */
    final RecordingHandler client = new RecordingHandler();

    /** Its other end. */
    RecordingHandler server = new RecordingHandler();

    /** A listener whose connections have these handlers; closed after the test. */
    InetSocketAddress serve(
            ConnectionOptions options, Supplier<? extends ConnectionHandler> handlers)
            throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        listener.register(Connection.acceptor(options, handlers));
        return (InetSocketAddress) listener.getLocalAddress();
    }

    /** Opens a connection between {@link #client} and {@link #server}. */
    void open(ConnectionOptions clientOptions, ConnectionOptions serverOptions) throws IOException {
        InetSocketAddress address = serve(serverOptions, () -> server);
        Connector.connect(loop, List.of(address), clientOptions, client);
        runUntil(() -> !client.calls.isEmpty() && !server.calls.isEmpty());
    }

    /** With the defaults. */
    void open() throws IOException {
        open(ConnectionOptions.DEFAULTS, ConnectionOptions.DEFAULTS);
    }

    /** A connection of {@link #server} whose other end is a channel; that is not registered. */
    TcpChannel openToChannel(ConnectionOptions serverOptions) throws IOException {
        InetSocketAddress address = serve(serverOptions, () -> server);
        TcpChannel channel = closing(TcpChannel.connect(loop, address));
        runUntil(() -> server.isOpened() && unchecked(channel::finishConnect));
        return channel;
    }

    /** Skips a test of how a connect or a peer failed. */
    void errorsReachTheirReader() {
        assumeFalse(
                provider.name().equals("kqueue") && System.getProperty("os.name").equals("Linux"),
                "libkqueue reads SO_ERROR itself, which clears it");
    }

    void runUntilBothClosed() throws IOException {
        runUntil(() -> client.isClosed() && server.isClosed());
    }

    @AfterEach
    void nothingIsLeftInTheLoop() throws IOException {
        for (RecordingHandler handler : List.of(client, server)) {
            if (handler.isOpened() && !handler.isClosed()) {
                handler.actions.clear();
                handler.connection.abort();
                runUntil(handler::isClosed);
            }
        }
        assertThat(client.count(RecordingHandler.Call.CLOSED)).isLessThanOrEqualTo(1);
    }
}
