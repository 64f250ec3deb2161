package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.INPUT_CLOSED;
import static io.uloop.connection.RecordingHandler.Call.OPENED;
import static io.uloop.connection.RecordingHandler.Call.RECEIVED;
import static io.uloop.connection.RecordingHandler.Call.WRITABLE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.zip.CRC32C;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS over a network that splits, ends and resets the stream anywhere. */
class TlsWireTest extends EachTlsConnection {
    private static final int MANY_BYTES = 8 << 20;

    /** One direction of a relay. Forwards bytes in pieces of a given size, one per turn. */
    private final class Pipe implements ConnectionHandler {
        private final int piece;
        private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
        private Connection from;
        private Pipe opposite;
        private long left;
        private boolean ended;

        Pipe(int piece, long left) {
            this.piece = piece;
            this.left = left;
        }

        @Override
        public void opened(Connection connection) {
            from = connection;
        }

        @Override
        public void received(Connection connection, ByteBuffer data) {
            boolean idle = waiting.size() == 0;
            while (data.hasRemaining()) {
                waiting.write(data.get());
            }
            if (idle) {
                loop.callSoon(this::pass);
            }
        }

        private void pass() {
            if (opposite.from == null) {
                loop.callSoon(this::pass); // still connecting
                return;
            }
            if (!from.isOpen() || !opposite.from.isOpen()) {
                return;
            }
            byte[] all = waiting.toByteArray();
            int count = (int) Math.min(Math.min(piece, all.length), left);
            opposite.from.write(ByteBuffer.wrap(all, 0, count));
            left -= count;
            waiting.reset();
            waiting.write(all, count, all.length - count);
            if (left == 0) {
                cut.in(from, opposite.from);
            } else if (waiting.size() > 0) {
                loop.callSoon(this::pass);
            } else if (ended) {
                opposite.from.shutdownOutput();
            }
        }

        @Override
        public void inputClosed(Connection connection) {
            ended = true;
            if (waiting.size() == 0) {
                loop.callSoon(this::pass);
            }
        }

        @Override
        public void closed(Connection connection, Throwable cause) {
            relayed--;
            if (opposite.from != null) {
                opposite.from.close();
            }
        }
    }

    /** The way in which a relay ends after a number of bytes. */
    @FunctionalInterface
    private interface Cut {
        void in(Connection from, Connection to);
    }

    private Cut cut = (from, to) -> {};
    private int relayed;

    /** A relay to a server. Cuts after a number of bytes of the client or the server. */
    private InetSocketAddress relay(int piece, long fromClient, long fromServer)
            throws IOException {
        InetSocketAddress target = serve(with(serverTls()), () -> server);
        return serve(
                ConnectionOptions.DEFAULTS,
                () -> {
                    Pipe up = new Pipe(piece, fromClient);
                    Pipe down = new Pipe(piece, fromServer);
                    up.opposite = down;
                    down.opposite = up;
                    relayed += 2;
                    Connector.connect(loop, List.of(target), ConnectionOptions.DEFAULTS, down);
                    return up;
                });
    }

    private void connect(InetSocketAddress address, String version) {
        ConnectionOptions options = with(clientTls().parameters(version(version)));
        Connector.connect(loop, List.of(address), options, client);
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void handshakeAndDataArriveInSingleBytes(String version) throws IOException {
        client.on(OPENED, connection -> connection.write(bytes("ping")));
        server.on(RECEIVED, connection -> connection.write(bytes("pong".repeat(100))));
        connect(relay(1, Long.MAX_VALUE, Long.MAX_VALUE), version);
        runUntil(() -> client.received.length() == 400);
        client.connection.close();
        runUntil(() -> client.isClosed() && server.isClosed() && relayed == 0);
        assertThat(client.cause).isNull();
        assertThat(server.cause).isNull();
    }

    @Test
    void recordsSplitAnywhereArrive() throws IOException {
        client.on(OPENED, connection -> connection.write(ByteBuffer.allocate(100_000)));
        server.on(
                RECEIVED,
                connection -> {
                    connection.pauseReading();
                    loop.callSoon(connection::resumeReading);
                });
        connect(relay(7919, Long.MAX_VALUE, Long.MAX_VALUE), TLS_1_3);
        runUntil(() -> server.received.length() == 100_000);
        client.connection.close();
        runUntil(() -> client.isClosed() && server.isClosed() && relayed == 0);
        assertThat(server.cause).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void endAnywhereIsNoticedByBothSides(String version) throws IOException {
        cut =
                (from, to) -> {
                    from.close();
                    to.close();
                };
        endAnywhere(version);
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void resetAnywhereIsNoticedByBothSides(String version) throws IOException {
        cut =
                (from, to) -> {
                    from.abort();
                    to.abort();
                };
        endAnywhere(version);
    }

    private void endAnywhere(String version) throws IOException {
        for (int bytes = 1; bytes < 2500; bytes += 331) {
            for (boolean ofClient : new boolean[] {true, false}) {
                RecordingHandler one = new RecordingHandler();
                RecordingHandler other = new RecordingHandler();
                one.on(OPENED, connection -> connection.write(ByteBuffer.allocate(10_000)));
                other.on(OPENED, connection -> connection.write(ByteBuffer.allocate(10_000)));
                one.on(INPUT_CLOSED, connection -> {});
                InetSocketAddress address =
                        relay(
                                other,
                                ofClient ? bytes : Long.MAX_VALUE,
                                ofClient ? Long.MAX_VALUE : bytes);
                ConnectionOptions options = with(clientTls().parameters(version(version)));
                Connector.connect(loop, List.of(address), options, one);
                runUntil(() -> one.isOver() && other.isOver() && relayed == 0);
                assertThat(why(one)).isInstanceOf(IOException.class);
                assertThat(why(other)).isInstanceOf(IOException.class);
                assertThat(one.has(INPUT_CLOSED) || other.has(INPUT_CLOSED)).isFalse();
            }
        }
    }

    private static Throwable why(RecordingHandler handler) {
        return handler.isOpened() ? handler.cause : handler.openFailure;
    }

    private InetSocketAddress relay(RecordingHandler target, long fromClient, long fromServer)
            throws IOException {
        server = target;
        return relay(4096, fromClient, fromServer);
    }

    @Test
    void endWithoutCloseNotifyIsTruncation() throws IOException {
        cut = (from, to) -> to.close();
        client.on(OPENED, connection -> connection.write(ByteBuffer.allocate(50_000)));
        connect(relay(4096, 40_000, Long.MAX_VALUE), TLS_1_3);
        runUntil(server::isClosed);
        assertThat(server.cause)
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("without a close_notify");
        assertThat(server.has(INPUT_CLOSED)).isFalse();
        assertThat(server.has(RECEIVED)).isTrue();
        runUntil(() -> client.isClosed() && relayed == 0);
    }

    @Test
    void endWithoutCloseNotifyAfterHalfCloseIsTruncation() throws IOException {
        cut = (from, to) -> to.shutdownOutput();
        server.on(INPUT_CLOSED, connection -> connection.write(ByteBuffer.allocate(50_000)));
        client.on(OPENED, Connection::shutdownOutput);
        client.on(INPUT_CLOSED, connection -> {});
        connect(relay(4096, Long.MAX_VALUE, 40_000), TLS_1_3);
        runUntil(client::isClosed);
        assertThat(client.cause)
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("without a close_notify");
        assertThat(client.has(RECEIVED)).isTrue();
        assertThat(client.has(INPUT_CLOSED)).isFalse();
        server.connection.abort();
        runUntil(() -> server.isClosed() && relayed == 0);
    }

    /** Each key update needs an answer, and the answers stay pending here. */
    @Test
    void endlessKeyUpdatesWithoutReadingEndTheConnection() throws Exception {
        server.on(OPENED, by -> by.setOption(StandardSocketOptions.SO_SNDBUF, 4096));
        InetSocketAddress address =
                serve(
                        ConnectionOptions.builder()
                                .watermarks(1024, 2048)
                                .closeTimeout(Duration.ofMillis(100))
                                .tls(serverTls().build())
                                .build(),
                        () -> server);
        try (SSLSocket socket = (SSLSocket) identity.context.getSocketFactory().createSocket()) {
            socket.setReceiveBufferSize(4096);
            Thread peer =
                    new Thread(
                            () -> {
                                try {
                                    socket.connect(address);
                                    while (true) {
                                        socket.startHandshake();
                                    }
                                } catch (IOException e) {
                                    // ended by the server
                                }
                            });
            peer.start();
            runUntil(server::isClosed);
            peer.join();
        }
        assertThat(server.cause).isInstanceOf(SSLException.class).hasMessageContaining("keys");
    }

    /** Sends bulk data while writable, and computes a checksum of the received bytes. */
    private static final class Bulk extends RecordingHandler {
        private final ByteBuffer chunk = ByteBuffer.allocateDirect(50_021);
        private final CRC32C sent = new CRC32C();
        private final CRC32C seen = new CRC32C();
        private long sentBytes;
        private long seenBytes;
        private long mostPending;
        private boolean ended;

        Bulk() {
            on(OPENED, this::send);
            on(WRITABLE, this::send);
            on(INPUT_CLOSED, connection -> {});
        }

        private void send(Connection connection) {
            while (connection.isWritable() && sentBytes < MANY_BYTES) {
                chunk.clear().limit((int) Math.min(chunk.capacity(), MANY_BYTES - sentBytes));
                chunk.put(0, (byte) sentBytes);
                sent.update(chunk);
                chunk.flip();
                sentBytes += chunk.remaining();
                connection.write(chunk);
                mostPending = Math.max(mostPending, connection.pendingBytes());
            }
            if (sentBytes == MANY_BYTES && !ended) {
                ended = true;
                connection.shutdownOutput();
            }
        }

        @Override
        void take(ByteBuffer data) {
            seenBytes += data.remaining();
            seen.update(data);
        }
    }

    @Test
    void bulkDataBothWaysArrivesWithBoundedMemory() throws IOException {
        Bulk one = new Bulk();
        Bulk other = new Bulk();
        InetSocketAddress address = serve(with(serverTls()), () -> one);
        Connector.connect(loop, List.of(address), with(clientTls()), other);
        runUntil(() -> one.isOver() && other.isOver());
        assertThat(one.cause).isNull();
        assertThat(other.cause).isNull();
        assertThat(one.seenBytes).isEqualTo(MANY_BYTES);
        assertThat(other.seenBytes).isEqualTo(MANY_BYTES);
        assertThat(one.seen.getValue()).isEqualTo(other.sent.getValue());
        assertThat(other.seen.getValue()).isEqualTo(one.sent.getValue());
        assertThat(Math.max(one.mostPending, other.mostPending)).isLessThan((64 << 10) + 51_000);
    }
}
