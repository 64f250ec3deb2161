package io.uloop.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.uloop.EachBackend;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;

/** Fixture for connections over loopback. */
class EachConnection extends EachBackend {
    private static final int RECEIVE_BUFFER_BYTES = 64 << 10;

    /** One end of a connection, with its recorded events. */
    final RecordingHandler client = new RecordingHandler();

    /** The other end. */
    RecordingHandler server = new RecordingHandler();

    /** Opens a listener for connections with these handlers. It is closed after the test. */
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

    /** Opens a connection with the default options. */
    void open() throws IOException {
        open(ConnectionOptions.DEFAULTS, ConnectionOptions.DEFAULTS);
    }

    /** Opens a connection of {@link #server}. Returns the other end, which is not registered. */
    TcpChannel openToChannel(ConnectionOptions serverOptions) throws IOException {
        InetSocketAddress address = serve(serverOptions, () -> server);
        TcpChannel channel = closing(TcpChannel.connect(loop, address));
        runUntil(() -> server.isOpened() && channel.finishConnect());
        // Otherwise the kernel lets the buffer grow, up to many megabytes, as the channel reads.
        channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
        return channel;
    }

    /** Skips a test on libkqueue, which consumes the errors of connects and peers. */
    void errorsReachTheirReader() {
        assumeFalse(
                provider.name().equals("kqueue") && System.getProperty("os.name").equals("Linux"),
                "libkqueue reads SO_ERROR itself, which clears it");
    }

    /** Checks that another connection of the loop works. */
    void assertOthersAreServed(ConnectionOptions clientOptions, ConnectionOptions serverOptions)
            throws IOException {
        ConnectionHandler echo = (connection, data) -> connection.write(data);
        InetSocketAddress address = serve(serverOptions, () -> echo);
        RecordingHandler other = new RecordingHandler();
        other.on(RecordingHandler.Call.OPENED, opened -> opened.write(bytes("hello")));
        Connector.connect(loop, List.of(address), clientOptions, other);
        runUntil(() -> other.received.toString().equals("hello"));
        other.connection.close();
        runUntil(other::isClosed);
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
