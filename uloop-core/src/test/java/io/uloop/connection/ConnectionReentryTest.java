package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.CLOSED;
import static io.uloop.connection.RecordingHandler.Call.INPUT_CLOSED;
import static io.uloop.connection.RecordingHandler.Call.OPENED;
import static io.uloop.connection.RecordingHandler.Call.RECEIVED;
import static io.uloop.connection.RecordingHandler.Call.WRITABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.LoopThread;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Handlers end, pause, write and fail inside callbacks, and loops end below connections. */
class ConnectionReentryTest extends EachTlsConnection {
    /** Plain and TLS connections. */
    enum Kind {
        PLAIN,
        TLS
    }

    private void open(Kind kind) throws IOException {
        if (kind == Kind.PLAIN) {
            open();
        } else {
            open(TLS_1_3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void writeAfterHandlerExceptionIsDropped(Kind kind) throws IOException {
        open(kind);
        IOException thrown = new IOException("thrown by the test");
        boolean[] written = new boolean[1];
        server.on(
                RECEIVED,
                connection -> {
                    loop.callSoon(
                            () -> {
                                connection.write(bytes("to everyone"));
                                written[0] = true;
                            });
                    throw thrown;
                });
        client.connection.write(bytes("x"));
        runUntilBothClosed();
        assertThat(written[0]).isTrue();
        assertThat(failures).containsExactly(thrown);
        failures.clear();
        assertThat(server.cause).isSameAs(thrown);
    }

    /** Even if the connection is about to continue reading. */
    @ParameterizedTest
    @EnumSource
    void closedIsCalledInALaterTurn(Kind kind) throws Exception {
        open(kind);
        int[] turn = new int[1];
        int[] endedIn = new int[1];
        loop.beforePoll(() -> turn[0]++);
        server.on(
                RECEIVED,
                connection -> {
                    if (server.count(RECEIVED) == 4) {
                        loop.callLater(
                                Duration.ZERO,
                                () -> {
                                    connection.abort();
                                    endedIn[0] = turn[0];
                                });
                    }
                });
        server.on(CLOSED, connection -> assertThat(turn[0]).isGreaterThan(endedIn[0]));
        client.connection.write(ByteBuffer.allocateDirect(1 << 20));
        runUntilBothClosed();
        assertThat(endedIn[0]).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void handlerMayCloseTheLoopAndThenItsConnection(Kind kind) throws IOException {
        open(kind);
        server.on(
                RECEIVED,
                connection -> {
                    loop.close();
                    connection.pauseReading();
                    connection.resumeReading();
                    connection.write(bytes("last words"));
                    connection.close();
                    assertThat(server.isClosed()).isFalse();
                });
        client.connection.write(ByteBuffer.allocateDirect(1 << 20));
        runUntil(() -> !loop.isOpen());
        assertThat(server.calls).containsExactly(OPENED, RECEIVED, CLOSED);
        client.connection.abort();
        assertThat(client.isClosed()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void connectionOfClosedLoopAcceptsEveryCall(Kind kind) throws IOException {
        open(kind);
        while (server.connection.isWritable()) {
            server.connection.write(ByteBuffer.allocate(100_000));
        }
        loop.close();
        for (RecordingHandler handler : List.of(client, server)) {
            Connection connection = handler.connection;
            connection.pauseReading();
            connection.write(ByteBuffer.allocate(4 << 20));
            connection.resumeReading();
            connection.shutdownOutput();
            connection.close();
            connection.close();
            connection.abort();
            assertThat(handler.count(CLOSED)).isEqualTo(1);
            assertThat(connection.isOpen()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void callFromAnotherThreadHasNoEffect(Kind kind) throws IOException {
        open(kind);
        try (LoopThread thread = new LoopThread(loop)) {
            List<Runnable> refused =
                    List.of(
                            client.connection::abort,
                            client.connection::close,
                            client.connection::shutdownOutput,
                            client.connection::pauseReading,
                            client.connection::resumeReading,
                            () -> client.connection.write(bytes("x")));
            for (Runnable call : refused) {
                assertThatThrownBy(call::run).isInstanceOf(IllegalStateException.class);
            }
            loop.execute(loop::stop);
            thread.join();
        }
        client.connection.write(bytes("fine"));
        runUntil(() -> server.received.length() == 4);
    }

    @ParameterizedTest
    @EnumSource
    void callbackThatEndsConnectionIsFollowedOnlyByClosed(Kind kind) throws IOException {
        for (boolean abort : new boolean[] {false, true}) {
            server = new RecordingHandler();
            RecordingHandler sender = new RecordingHandler();
            server.on(RECEIVED, abort ? Connection::abort : Connection::close);
            ConnectionOptions serving =
                    kind == Kind.TLS ? with(serverTls()) : ConnectionOptions.DEFAULTS;
            ConnectionOptions sending =
                    kind == Kind.TLS ? with(clientTls()) : ConnectionOptions.DEFAULTS;
            RecordingHandler receiver = server;
            Connector.connect(loop, List.of(serve(serving, () -> receiver)), sending, sender);
            runUntil(() -> sender.isOpened() && receiver.isOpened());
            sender.connection.write(ByteBuffer.allocate(300_000));
            sender.connection.shutdownOutput();
            runUntil(() -> receiver.isClosed() && sender.isClosed());
            assertThat(receiver.calls).containsExactly(OPENED, RECEIVED, CLOSED);
            assertThat(receiver.cause).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void eitherSideMayHalfCloseFirst(Kind kind) throws IOException {
        server.on(INPUT_CLOSED, connection -> {});
        client.on(INPUT_CLOSED, connection -> {});
        open(kind);
        server.connection.shutdownOutput();
        server.connection.shutdownOutput();
        runUntil(() -> client.has(INPUT_CLOSED));
        client.connection.write(ByteBuffer.allocate(2 << 20));
        client.connection.shutdownOutput();
        runUntilBothClosed();
        assertThat(server.received).hasSize(2 << 20);
        assertThat(server.calls).endsWith(INPUT_CLOSED, CLOSED);
        assertThat(server.cause).isNull();
        assertThat(client.cause).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void bothSidesMayHalfCloseAtOnce(Kind kind) throws IOException {
        open(kind);
        server.connection.write(bytes("from the server"));
        server.connection.shutdownOutput();
        client.connection.write(bytes("from the client"));
        client.connection.shutdownOutput();
        runUntilBothClosed();
        assertThat(client.received).hasToString("from the server");
        assertThat(server.received).hasToString("from the client");
        assertThat(client.calls).endsWith(INPUT_CLOSED, CLOSED);
        assertThat(server.cause).isNull();
        assertThat(client.cause).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void bytesHeldByPauseComeBeforeTheEnd(Kind kind) throws IOException {
        open(kind);
        server.on(
                RECEIVED,
                connection -> {
                    connection.pauseReading();
                    connection.resumeReading();
                    connection.pauseReading();
                    loop.callSoon(connection::resumeReading);
                });
        client.connection.write(ByteBuffer.allocate(1 << 20));
        client.connection.close();
        runUntilBothClosed();
        assertThat(server.received).hasSize(1 << 20);
        assertThat(server.calls).endsWith(INPUT_CLOSED, CLOSED);
        assertThat(server.cause).isNull();
        assertThat(client.cause).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void pausedConnectionWithUnreadBytesCloses(Kind kind) throws IOException {
        open(kind);
        server.on(RECEIVED, Connection::pauseReading);
        client.connection.write(ByteBuffer.allocate(1 << 20));
        runUntil(() -> server.has(RECEIVED));
        server.connection.close();
        client.connection.close();
        runUntilBothClosed();
        assertThat(server.count(RECEIVED)).isEqualTo(1);
        assertThat(server.cause).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void writableMayShutDownOutput(Kind kind) throws IOException {
        open(kind);
        server.on(WRITABLE, Connection::close);
        client.connection.pauseReading();
        int[] written = new int[1];
        while (server.connection.isWritable()) {
            server.connection.write(ByteBuffer.allocate(100_000));
            written[0] += 100_000;
        }
        client.connection.resumeReading();
        runUntilBothClosed();
        assertThat(client.received).hasSize(written[0]);
        assertThat(server.calls).containsExactly(OPENED, WRITABLE, CLOSED);
        assertThat(client.cause).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void errorPropagatesFromLoopAndEndsTheConnection(Kind kind) throws IOException {
        open(kind);
        AssertionError error = new AssertionError("thrown by the test");
        server.on(
                RECEIVED,
                connection -> {
                    throw error;
                });
        client.connection.write(bytes("x"));
        assertThatThrownBy(() -> runUntil(server::isClosed)).isSameAs(error);
        runUntilBothClosed();
        assertThat(server.cause).isSameAs(error);
    }
}
