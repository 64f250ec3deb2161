package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.INPUT_CLOSED;
import static io.uloop.connection.RecordingHandler.Call.OPENED;
import static io.uloop.connection.RecordingHandler.Call.RECEIVED;
import static io.uloop.connection.RecordingHandler.Call.WRITABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.net.TcpChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Bulk data, slow peers and pauses keep order, memory bounds and fairness. */
class ConnectionFlowTest extends EachConnection {
    private static final int MANY_BYTES = 64 << 20;

    /** Sends a byte stream while the connection is writable, and checks the peer's stream. */
    private static final class Bulk extends RecordingHandler {
        private final ByteBuffer chunk = ByteBuffer.allocateDirect(50_021);
        private final CRC32C sent = new CRC32C();
        private final CRC32C seen = new CRC32C();
        private long sentBytes;
        private long seenBytes;
        private long mostPending;

        Bulk() {
            on(OPENED, this::send);
            on(WRITABLE, this::send);
            on(INPUT_CLOSED, connection -> {});
        }

        private void send(Connection connection) {
            while (connection.isWritable() && sentBytes < MANY_BYTES) {
                chunk.clear().limit((int) Math.min(chunk.capacity(), MANY_BYTES - sentBytes));
                for (int i = 0; i < 64; i++) {
                    chunk.put(i * 512 % chunk.limit(), (byte) (sentBytes * 31 + i));
                }
                sent.update(chunk);
                chunk.flip();
                sentBytes += chunk.remaining();
                connection.write(chunk);
                mostPending = Math.max(mostPending, connection.pendingBytes());
            }
            if (sentBytes == MANY_BYTES) {
                sentBytes++; // once
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
        var address = serve(ConnectionOptions.DEFAULTS, () -> one);
        Connector.connect(loop, List.of(address), ConnectionOptions.DEFAULTS, other);
        runUntil(() -> one.isClosed() && other.isClosed());
        assertThat(one.cause).isNull();
        assertThat(other.cause).isNull();
        assertThat(one.seenBytes).isEqualTo(MANY_BYTES);
        assertThat(other.seenBytes).isEqualTo(MANY_BYTES);
        assertThat(one.seen.getValue()).isEqualTo(other.sent.getValue());
        assertThat(other.seen.getValue()).isEqualTo(one.sent.getValue());
        // The high watermark and the one write that exceeds it.
        assertThat(Math.max(one.mostPending, other.mostPending)).isLessThan((64 << 10) + 50_021);
    }

    @Test
    void slowReaderStopsTheWriterUntilItReads() throws IOException {
        open(
                ConnectionOptions.DEFAULTS,
                ConnectionOptions.builder().watermarks(1000, 2000).build());
        client.connection.pauseReading();
        ByteBuffer chunk = ByteBuffer.allocateDirect(1500);
        int written = 0;
        while (server.connection.isWritable()) {
            assertThat(server.connection.write(chunk.clear()))
                    .isEqualTo(server.connection.isWritable());
            written += 1500;
        }
        assertThat(server.connection.pendingBytes()).isBetween(2000L, 3499L);
        assertThat(server.has(WRITABLE)).isFalse();
        server.on(
                WRITABLE,
                connection -> {
                    assertThat(connection.isWritable()).isTrue();
                    assertThat(connection.pendingBytes()).isLessThanOrEqualTo(1000);
                });
        client.connection.resumeReading();
        int total = written;
        runUntil(() -> client.received.length() == total);
        assertThat(server.count(WRITABLE)).isEqualTo(1);
        assertThat(server.connection.pendingBytes()).isZero();
    }

    @Test
    void writableMayFillTheQueueAgain() throws IOException {
        open();
        ByteBuffer chunk = ByteBuffer.allocate(10_000);
        server.on(
                WRITABLE,
                connection -> {
                    while (server.count(WRITABLE) < 20 && connection.isWritable()) {
                        connection.write(chunk.clear());
                    }
                });
        client.connection.pauseReading();
        while (server.connection.isWritable()) {
            server.connection.write(chunk.clear());
        }
        client.connection.resumeReading();
        runUntil(() -> server.count(WRITABLE) == 20 && server.connection.pendingBytes() == 0);
        server.connection.close();
        runUntilBothClosed();
        assertThat(client.received.length() % 10_000).isZero();
    }

    @Test
    void bytesReceivedWhilePausedAreDeliveredOnResume() throws IOException {
        open();
        server.on(RECEIVED, Connection::pauseReading);
        client.connection.write(bytes("a"));
        runUntil(() -> server.has(RECEIVED));
        client.connection.write(bytes("b"));
        client.connection.shutdownOutput();
        int[] turns = new int[1];
        runUntil(() -> turns[0]++ > 20);
        assertThat(server.calls).containsExactly(OPENED, RECEIVED);
        server.connection.resumeReading();
        server.connection.pauseReading();
        server.connection.resumeReading();
        runUntil(() -> server.count(RECEIVED) == 2);
        assertThat(server.received).hasToString("ab");
        turns[0] = 0;
        runUntil(() -> turns[0]++ > 20);
        assertThat(server.has(INPUT_CLOSED)).isFalse();
        server.connection.resumeReading();
        runUntil(() -> server.has(INPUT_CLOSED));
        runUntilBothClosed();
    }

    @Test
    void pauseInCallbackStopsReadsAtOnce() throws IOException {
        open();
        server.on(RECEIVED, Connection::pauseReading);
        ByteBuffer much = ByteBuffer.allocateDirect(1 << 20);
        client.connection.write(much);
        runUntil(() -> server.has(RECEIVED));
        for (int calls = 1; server.received.length() < 1 << 20; calls++) {
            assertThat(server.count(RECEIVED)).isEqualTo(calls);
            int expected = calls + 1;
            server.connection.resumeReading();
            runUntil(() -> server.count(RECEIVED) == expected);
        }
    }

    @Test
    void singleBytesArrive() throws IOException {
        TcpChannel peer = openToChannel(ConnectionOptions.DEFAULTS);
        peer.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
        server.on(RECEIVED, connection -> connection.write(bytes("y")));
        for (int i = 1; i <= 300; i++) {
            peer.write(bytes("x"));
            int expected = i;
            runUntil(() -> server.received.length() == expected);
        }
        ByteBuffer answers = ByteBuffer.allocate(301);
        runUntil(() -> peer.read(answers) >= 0 && answers.position() == 300);
    }

    /** The peer sends endlessly and ignores the answers. */
    @Test
    void endlessSenderDoesNotStarveOthers() throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(1 << 20);
        RecordingHandler sink =
                new RecordingHandler() {
                    @Override
                    void take(ByteBuffer data) {}
                };
        var flooded = serve(ConnectionOptions.DEFAULTS, () -> sink);
        RecordingHandler flooder = new RecordingHandler();
        RecordingHandler.Action flood =
                connection -> {
                    while (connection.isWritable()) {
                        connection.write(chunk.clear());
                    }
                };
        flooder.on(OPENED, flood).on(WRITABLE, flood);
        Connector.connect(loop, List.of(flooded), ConnectionOptions.DEFAULTS, flooder);
        open();
        server.on(RECEIVED, connection -> connection.write(bytes("y")));
        client.on(RECEIVED, connection -> connection.write(bytes("x")));
        client.connection.write(bytes("x"));
        runUntil(() -> sink.count(RECEIVED) > 100);
        int[] taken = {sink.calls.size(), 0};
        loop.afterPoll(
                () -> {
                    taken[1] = Math.max(taken[1], sink.calls.size() - taken[0]);
                    taken[0] = sink.calls.size();
                });
        int before = client.received.length();
        runUntil(() -> client.received.length() == before + 100);
        // Four reads per event and, edge-triggered, four more in the task that continues.
        assertThat(taken[1]).as("reads of the flood in one turn").isBetween(1, 4 + 4);
        flooder.actions.clear();
        flooder.connection.abort();
        runUntil(() -> sink.isClosed() && flooder.isClosed());
    }

    @Test
    void watermarksOutOfOrderAreRejected() {
        assertThatThrownBy(() -> ConnectionOptions.builder().watermarks(5, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5 and 5");
        assertThatThrownBy(() -> ConnectionOptions.builder().watermarks(-1, 5))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
