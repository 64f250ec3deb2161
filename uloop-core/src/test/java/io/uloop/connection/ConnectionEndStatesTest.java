package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.INPUT_CLOSED;
import static io.uloop.connection.RecordingHandler.Call.OPENED;
import static io.uloop.connection.RecordingHandler.Call.RECEIVED;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.CapturedLog;
import io.uloop.net.TcpChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each call has the effect listed in the table of docs/connections.md for each state. */
class ConnectionEndStatesTest extends EachTlsConnection {
    private static final int MANY_BYTES = 8 << 20;
    private static final Duration SHORT = Duration.ofMillis(60);

    /** Plain and TLS connections. */
    enum Kind {
        PLAIN,
        TLS_1_2,
        TLS_1_3
    }

    /** The reason why the server's connection is in its state. */
    enum Ending {
        SHUTDOWN_OUTPUT,
        CLOSE,
        CLOSE_WITH_PENDING_BYTES,
        ABORT,
        PEER_ENDED,
        PEER_ENDED_WITH_PENDING_BYTES,
        PEER_RESET,
        IDLE_TIMEOUT,
        HANDLER_THREW
    }

    /** The calls that follow. */
    enum Then {
        WRITE,
        WRITE_SEVERAL,
        SHUTDOWN_OUTPUT,
        CLOSE,
        ABORT,
        PAUSE_AND_RESUME
    }

    private final IOException thrown = new IOException("thrown by the test");

    static Stream<Arguments> kindsAndEndings() {
        return Stream.of(Kind.values())
                .flatMap(
                        kind ->
                                Stream.of(Ending.values())
                                        .map(ending -> Arguments.of(kind, ending)));
    }

    private ConnectionOptions.Builder options(Kind kind, boolean serving) {
        ConnectionOptions.Builder options = ConnectionOptions.builder();
        if (kind != Kind.PLAIN) {
            String version = kind == Kind.TLS_1_2 ? TLS_1_2 : TLS_1_3;
            TlsOptions.Builder tls = serving ? serverTls() : clientTls();
            options.tls(tls.parameters(version(version)).build());
        }
        return options;
    }

    private void open(Kind kind, ConnectionOptions.Builder serving) throws IOException {
        open(options(kind, false).build(), serving.build());
        runUntil(() -> client.isOpened() && server.isOpened());
    }

    /** Ends the server's connection in the given way. */
    private void end(Kind kind, Ending ending) throws IOException {
        ConnectionOptions.Builder serving = options(kind, true);
        open(kind, ending == Ending.IDLE_TIMEOUT ? serving.idleTimeout(SHORT) : serving);
        switch (ending) {
            case SHUTDOWN_OUTPUT -> server.connection.shutdownOutput();
            case CLOSE -> server.connection.close();
            case CLOSE_WITH_PENDING_BYTES -> {
                fill();
                server.connection.close();
            }
            case ABORT -> server.connection.abort();
            case PEER_ENDED -> {
                client.connection.shutdownOutput();
                runUntil(() -> server.has(INPUT_CLOSED));
            }
            case PEER_ENDED_WITH_PENDING_BYTES -> {
                fill();
                client.connection.shutdownOutput();
                runUntil(() -> server.has(INPUT_CLOSED));
            }
            case PEER_RESET -> {
                client.connection.abort();
                runUntil(server::isClosed);
            }
            case IDLE_TIMEOUT -> runUntil(server::isClosed);
            case HANDLER_THREW -> {
                server.on(
                        RECEIVED,
                        connection -> {
                            throw thrown;
                        });
                client.connection.write(bytes("x"));
                runUntil(() -> !server.connection.isOpen());
            }
        }
    }

    /** Writes more than the kernel takes to a peer that does not read. */
    private void fill() {
        client.connection.pauseReading();
        server.connection.write(ByteBuffer.allocate(MANY_BYTES));
        assertThat(server.connection.pendingBytes()).isPositive();
    }

    private void call(Then then) {
        Connection connection = server.connection;
        long pending = connection.pendingBytes();
        switch (then) {
            case WRITE -> {
                ByteBuffer source = ByteBuffer.allocate(300_000);
                assertThat(connection.write(source)).isFalse();
                assertThat(source.hasRemaining()).isFalse();
                assertThat(connection.pendingBytes()).isEqualTo(pending);
            }
            case WRITE_SEVERAL -> {
                ByteBuffer[] sources = {bytes("not this one"), bytes("x"), bytes("y")};
                assertThat(connection.write(sources, 1, 2)).isFalse();
                assertThat(sources[0].remaining()).isEqualTo(12);
                assertThat(sources[2].hasRemaining()).isFalse();
                assertThat(connection.pendingBytes()).isEqualTo(pending);
            }
            case SHUTDOWN_OUTPUT -> connection.shutdownOutput();
            case CLOSE -> connection.close();
            case ABORT -> connection.abort();
            case PAUSE_AND_RESUME -> {
                connection.pauseReading();
                connection.resumeReading();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kindsAndEndings")
    void everyCallIsHarmlessAfterAnyEnd(Kind kind, Ending ending) throws IOException {
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            end(kind, ending);
            for (Then then : Then.values()) {
                call(then);
            }
            assertThat(server.connection.isOpen()).isFalse();
            assertThat(server.connection.isWritable()).isFalse();
            runUntil(server::isClosed);
            for (Then then : Then.values()) {
                call(then);
            }
            assertThat(server.connection.pendingBytes()).isZero();
            assertThat(log.messages()).hasSize(ending == Ending.HANDLER_THREW ? 1 : 0);
        }
        failures.remove(thrown);
    }

    /** The hostile peer reads nothing and half-closes. Another peer sends a message. */
    @ParameterizedTest
    @EnumSource
    void broadcastContinuesPastPeerThatHasEnded(Kind kind) throws IOException {
        List<Connection> all = new ArrayList<>();
        RecordingHandler hostile = new RecordingHandler();
        server = hostile;
        open(kind, options(kind, true));
        all.add(hostile.connection);
        fill();
        client.connection.shutdownOutput();
        runUntil(() -> hostile.has(INPUT_CLOSED));
        assertThat(hostile.isClosed()).isFalse();

        RecordingHandler speaker = new RecordingHandler();
        RecordingHandler honest = new RecordingHandler();
        speaker.on(OPENED, all::add)
                .on(RECEIVED, connection -> all.forEach(each -> each.write(bytes("to everyone"))));
        var address = serve(options(kind, true).build(), () -> speaker);
        Connector.connect(loop, List.of(address), options(kind, false).build(), honest);
        runUntil(() -> speaker.isOpened() && honest.isOpened());
        honest.connection.write(bytes("hello"));
        runUntil(() -> honest.received.toString().contains("everyone"));
        assertThat(speaker.isClosed()).isFalse();
        honest.connection.abort();
        runUntil(() -> speaker.isClosed() && honest.isClosed());
    }

    /** TLS before 1.3 has no half-close. */
    @ParameterizedTest
    @EnumSource
    void writeReachesHalfClosedPeerUnlessHandlerCloses(Kind kind) throws IOException {
        server.on(INPUT_CLOSED, connection -> {});
        client.on(INPUT_CLOSED, connection -> {});
        open(kind, options(kind, true));
        client.connection.shutdownOutput();
        runUntil(() -> server.has(INPUT_CLOSED));
        boolean halves = kind != Kind.TLS_1_2;
        assertThat(server.connection.write(bytes("answer"))).isEqualTo(halves);
        server.connection.shutdownOutput();
        assertThat(server.connection.write(bytes("too late"))).isFalse();
        runUntilBothClosed();
        assertThat(client.received).hasToString(halves ? "answer" : "");
        assertThat(server.cause).isNull();
        assertThat(client.cause).isNull();
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"TLS_1_2", "TLS_1_3"})
    void bytesWrittenDuringHandshakeAreSentFirst(Kind kind) throws IOException {
        var address = serve(options(kind, true).build(), () -> server);
        TcpChannel channel = TcpChannel.connect(loop, address);
        runUntil(channel::finishConnect);
        Connection connection = Connection.open(channel, options(kind, false).build(), client);
        ByteBuffer early = ByteBuffer.allocate(100_000);
        assertThat(connection.write(early)).isFalse();
        assertThat(early.hasRemaining()).isFalse();
        ByteBuffer[] several = {bytes("a"), bytes("b")};
        assertThat(connection.write(several, 0, 2)).isFalse();
        assertThat(connection.pendingBytes()).isGreaterThanOrEqualTo(100_002);
        client.on(OPENED, opened -> opened.write(bytes("c")));
        runUntil(() -> server.received.length() == 100_003);
        assertThat(server.received).endsWith("\0abc");
    }

    /** Writes to a silent peer must not reset other connections. */
    @Test
    void writeDuringEndlessHandshakeIsHarmless() throws IOException {
        TcpChannel channel = connection()[0];
        Connection connection = Connection.open(channel, with(serverTls()), client);
        for (int i = 0; i < 10; i++) {
            assertThat(connection.write(ByteBuffer.allocate(100_000))).isFalse();
        }
        assertThat(connection.pendingBytes()).isEqualTo(1_000_000);
        connection.close();
        connection.abort();
        assertThat(connection.write(bytes("x"))).isFalse();
        runUntil(client::isOver);
        assertThat(connection.pendingBytes()).isZero();
        assertThat(client.openFailure).hasMessageContaining("closed before its handshake");
    }
}
