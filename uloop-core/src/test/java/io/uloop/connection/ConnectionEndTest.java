package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.CLOSED;
import static io.uloop.connection.RecordingHandler.Call.INPUT_CLOSED;
import static io.uloop.connection.RecordingHandler.Call.OPENED;
import static io.uloop.connection.RecordingHandler.Call.RECEIVED;
import static io.uloop.connection.RecordingHandler.Call.WRITABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.CapturedLog;
import io.uloop.net.TcpChannel;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections end in order, by timeouts, by resets and by failing handlers. */
class ConnectionEndTest extends EachConnection {
    private static final Duration SHORT = Duration.ofMillis(60);

    /** More than the kernel's buffers of one connection. */
    private static final int MANY_BYTES = 8 << 20;

    @Test
    void clientCanSendAfterServerHalfCloses() throws IOException {
        halfClose(server, client);
    }

    @Test
    void serverCanSendAfterClientHalfCloses() throws IOException {
        halfClose(client, server);
    }

    private void halfClose(RecordingHandler first, RecordingHandler second) throws IOException {
        first.on(INPUT_CLOSED, connection -> {});
        second.on(INPUT_CLOSED, connection -> {});
        open();
        first.connection.write(bytes("last"));
        first.connection.shutdownOutput();
        runUntil(() -> second.has(INPUT_CLOSED));
        assertThat(second.received).hasToString("last");
        for (int i = 1; i <= 3; i++) {
            second.connection.write(bytes("x"));
            int expected = i;
            runUntil(() -> first.received.length() == expected);
        }
        assertThat(first.connection.isOpen()).isTrue();
        assertThat(first.isClosed() || second.isClosed()).isFalse();
        second.connection.shutdownOutput();
        runUntilBothClosed();
        assertThat(first.calls).endsWith(INPUT_CLOSED, CLOSED);
        assertThat(first.cause).isNull();
        assertThat(second.cause).isNull();
    }

    @Test
    void closeSendsPendingBytesFirst() throws IOException {
        open();
        client.connection.pauseReading();
        server.connection.write(ByteBuffer.allocate(MANY_BYTES));
        assertThat(server.connection.pendingBytes()).isPositive();
        server.connection.close();
        server.connection.close();
        assertThat(server.connection.isOpen()).isFalse();
        client.connection.resumeReading();
        runUntilBothClosed();
        assertThat(client.received).hasSize(MANY_BYTES);
        assertThat(client.cause).isNull();
        assertThat(server.cause).isNull();
        assertThat(server.has(WRITABLE)).isFalse();
    }

    @Test
    void closeDiscardsInputWithoutResettingThePeer() throws IOException {
        open();
        server.on(RECEIVED, Connection::close);
        server.connection.write(bytes("answer"));
        client.connection.write(ByteBuffer.allocate(MANY_BYTES));
        runUntilBothClosed();
        assertThat(server.count(RECEIVED)).isEqualTo(1);
        assertThat(client.received).hasToString("answer");
        assertThat(client.cause).isNull();
    }

    @Test
    void pausedConnectionCloses() throws IOException {
        open();
        server.connection.pauseReading();
        client.connection.write(ByteBuffer.allocate(MANY_BYTES));
        client.connection.close();
        server.connection.close();
        runUntilBothClosed();
        assertThat(server.has(RECEIVED)).isFalse();
        assertThat(server.cause).isNull();
        assertThat(client.cause).isNull();
    }

    @Test
    void closeWaitsForPeerUntilTimeout() throws IOException {
        TcpChannel peer = openToChannel(ConnectionOptions.builder().closeTimeout(SHORT).build());
        long start = System.nanoTime();
        server.connection.close();
        runUntil(server::isClosed);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SHORT.toNanos());
        assertThat(server.cause).isNull();
        assertThat(peer.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @Test
    void closeThatTimesOutWithPendingBytesReportsIt() throws IOException {
        TcpChannel peer = openToChannel(ConnectionOptions.builder().closeTimeout(SHORT).build());
        server.connection.write(ByteBuffer.allocate(MANY_BYTES));
        server.connection.close();
        runUntil(server::isClosed);
        assertThat(server.cause)
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("pending=")
                .hasMessageContaining("close timed out");
        assertReset(peer);
    }

    /** Each byte taken restarts the close timeout. */
    @Test
    void closeWaitsForSlowButSteadyReader() throws IOException {
        Duration timeout = Duration.ofSeconds(1);
        TcpChannel peer = openToChannel(ConnectionOptions.builder().closeTimeout(timeout).build());
        server.connection.write(ByteBuffer.allocate(MANY_BYTES));
        server.connection.close();
        int total = readFor(peer, timeout.multipliedBy(3));
        assertThat(server.isClosed()).isFalse();
        assertThat(server.connection.pendingBytes()).isPositive();
        ByteBuffer target = ByteBuffer.allocateDirect(1 << 20);
        for (int count = 0; count >= 0; count = peer.read(target.clear())) {
            total += count;
            loop.runOnce(0);
        }
        assertThat(total).isEqualTo(MANY_BYTES);
        peer.close();
        runUntil(server::isClosed);
        assertThat(server.cause).isNull();
    }

    @Test
    void closeLimitAppliesToSteadyReader() throws IOException {
        Duration limit = Duration.ofSeconds(1);
        TcpChannel peer = openToChannel(ConnectionOptions.builder().closeLimit(limit).build());
        server.connection.write(ByteBuffer.allocate(MANY_BYTES));
        server.connection.close();
        readFor(peer, limit.multipliedBy(2));
        runUntil(server::isClosed);
        assertThat(server.cause)
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("PT1S")
                .hasMessageContaining("pending=");
        assertReset(peer);
    }

    /**
     * Reads 1 % of the written bytes now and then, until nothing is pending any more: the reset is
     * for the caller to read. Returns the number of bytes.
     */
    private int readFor(TcpChannel peer, Duration time) throws IOException {
        ByteBuffer target = ByteBuffer.allocateDirect(MANY_BYTES / 100);
        long start = System.nanoTime();
        int total = 0;
        while (System.nanoTime() - start < time.toNanos() && server.connection.pendingBytes() > 0) {
            if (total < MANY_BYTES * ((System.nanoTime() - start) / 2.0 / time.toNanos())) {
                int count = peer.read(target.clear());
                assertThat(count).isNotNegative();
                total += count;
            }
            loop.runOnce(TimeUnit.MILLISECONDS.toNanos(5));
        }
        return total;
    }

    @Test
    void abortResetsThePeerAndDiscardsPendingBytes() throws IOException {
        TcpChannel peer = openToChannel(ConnectionOptions.DEFAULTS);
        server.connection.write(ByteBuffer.allocate(MANY_BYTES));
        server.connection.abort();
        assertThat(server.connection.pendingBytes()).isZero();
        assertThat(server.connection.write(bytes("x"))).isFalse();
        runUntil(server::isClosed);
        assertThat(server.cause).isNull();
        assertReset(peer);
    }

    @Test
    void resetByPeerIsTheCause() throws IOException {
        errorsReachTheirReader();
        TcpChannel peer = openToChannel(ConnectionOptions.DEFAULTS);
        reset(peer);
        runUntil(server::isClosed);
        assertThat(server.cause)
                .isInstanceOfSatisfying(
                        PollerException.class,
                        e -> assertThat(e.errno()).isEqualTo(Errno.ECONNRESET));
        assertThat(server.calls).containsExactly(OPENED, CLOSED);
        assertThat(server.connection.write(bytes("dropped"))).isFalse();
    }

    /** The kernel refuses shutdown(2) on a reset connection. Only reading reports the reset. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void resetFoundWhileEndingIsTheCause(boolean close) throws IOException {
        errorsReachTheirReader();
        TcpChannel channel = openToChannel(ConnectionOptions.DEFAULTS);
        reset(channel);
        if (close) {
            server.connection.close();
        } else {
            server.connection.shutdownOutput();
        }
        runUntil(server::isClosed);
        assertThat(server.calls).containsExactly(OPENED, CLOSED);
        assertThat(server.cause).hasMessageContaining("ECONNRESET");
    }

    @Test
    @EnabledOnOs(OS.LINUX) // others discard them
    void bytesBeforeResetAreReceivedAfterShutdownOutput() throws IOException {
        TcpChannel channel = openToChannel(ConnectionOptions.DEFAULTS);
        channel.write(bytes("last words"));
        reset(channel);
        server.connection.shutdownOutput();
        runUntil(server::isClosed);
        assertThat(server.received).hasToString("last words");
    }

    private static void reset(TcpChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.close();
    }

    /** The number of turns determines the point of the exchange. */
    @Test
    void resetAtAnyPointOfExchangeEndsItOnce() throws IOException {
        errorsReachTheirReader();
        for (int turns = 0; turns < 30; turns++) {
            RecordingHandler handler = new RecordingHandler();
            handler.on(OPENED, connection -> connection.write(ByteBuffer.allocate(1 << 20)))
                    .on(RECEIVED, connection -> connection.write(ByteBuffer.allocate(300_000)))
                    .on(WRITABLE, connection -> connection.write(ByteBuffer.allocate(100_000)));
            var address = serve(ConnectionOptions.DEFAULTS, () -> handler);
            TcpChannel peer = closing(TcpChannel.connect(loop, address));
            runUntil(peer::finishConnect);
            ByteBuffer target = ByteBuffer.allocateDirect(100_000);
            for (int i = 0; i < turns; i++) {
                peer.write(bytes("some request"));
                loop.runOnce(0);
                peer.read(target.clear());
                if (i % 7 == 6 && handler.isOpened()) {
                    handler.connection.shutdownOutput();
                    handler.actions.clear();
                }
            }
            reset(peer);
            // A connection that is reset before it is accepted may never reach the listener.
            runUntil(() -> handler.isClosed() || turnsWithoutHandler(handler));
            if (handler.isOpened()) {
                assertThat(handler.cause)
                        .isInstanceOfSatisfying(
                                PollerException.class,
                                e -> assertThat(e.errno()).isIn(Errno.ECONNRESET, Errno.EPIPE));
            }
        }
    }

    private int idleTurns;

    private boolean turnsWithoutHandler(RecordingHandler handler) {
        idleTurns = handler.isOpened() ? 0 : idleTurns + 1;
        return idleTurns > 10;
    }

    @Test
    void writeTimeoutExpiresIfPeerReadsNothing() throws IOException {
        TcpChannel peer = openToChannel(ConnectionOptions.builder().writeTimeout(SHORT).build());
        long start = System.nanoTime();
        server.connection.write(ByteBuffer.allocate(MANY_BYTES));
        runUntil(server::isClosed);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SHORT.toNanos());
        assertThat(server.cause)
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("PT0.06S");
        assertReset(peer);
    }

    @Test
    void writeTimeoutDoesNotExpireForSlowReader() throws IOException {
        Duration timeout = Duration.ofSeconds(1);
        TcpChannel peer = openToChannel(ConnectionOptions.builder().writeTimeout(timeout).build());
        server.connection.write(ByteBuffer.allocate(MANY_BYTES));
        ByteBuffer target = ByteBuffer.allocateDirect(1 << 20);
        int[] total = new int[1];
        long start = System.nanoTime();
        runUntil(
                () -> {
                    int count = peer.read(target.clear());
                    assertThat(count).isNotNegative();
                    total[0] += count;
                    return total[0] == MANY_BYTES;
                });
        runUntil(() -> System.nanoTime() - start > 2 * timeout.toNanos());
        assertThat(server.isClosed()).isFalse();
    }

    @Test
    void idleTimeoutExpiresOnSilentConnection() throws IOException {
        long start = System.nanoTime();
        TcpChannel peer = openToChannel(ConnectionOptions.builder().idleTimeout(SHORT).build());
        runUntil(server::isClosed);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SHORT.toNanos());
        assertThat(server.cause)
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("no byte moved for PT0.06S");
        assertThat(peer.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @Test
    void bytesReceivedDuringLoopDelayResetIdleTimeout() throws IOException {
        TcpChannel peer = openToChannel(ConnectionOptions.builder().idleTimeout(SHORT).build());
        peer.write(bytes("x"));
        long start = System.nanoTime();
        while (System.nanoTime() - start < 2 * SHORT.toNanos()) {
            Thread.onSpinWait(); // delays the loop
        }
        loop.runOnce(0);
        assertThat(server.received).hasToString("x");
        assertThat(server.isClosed()).isFalse();
        runUntil(server::isClosed);
    }

    @Test
    void idleTimeoutDoesNotExpireOnBusyConnection() throws IOException {
        Duration idle = Duration.ofMillis(200);
        open(ConnectionOptions.DEFAULTS, ConnectionOptions.builder().idleTimeout(idle).build());
        long start = System.nanoTime();
        long[] busyAt = {start};
        server.on(
                RECEIVED,
                connection -> {
                    busyAt[0] = System.nanoTime();
                    connection.write(bytes("y"));
                });
        client.on(RECEIVED, connection -> connection.write(bytes("x")));
        long[] pauseNanos = {Long.MAX_VALUE};
        server.on(CLOSED, connection -> pauseNanos[0] = System.nanoTime() - busyAt[0]);
        client.connection.write(bytes("x"));
        runUntil(() -> server.isClosed() || System.nanoTime() - start > 3 * idle.toNanos());
        // On a busy machine the loop itself may be delayed for so long.
        assertThat(pauseNanos[0]).isGreaterThanOrEqualTo(idle.toNanos());
    }

    @Test
    void handlerExceptionEndsOnlyItsConnection() throws IOException {
        List<RecordingHandler.Call> all = List.of(OPENED, RECEIVED, WRITABLE, INPUT_CLOSED, CLOSED);
        open();
        for (RecordingHandler.Call call : all) {
            RecordingHandler thrower = new RecordingHandler();
            RecordingHandler peer = new RecordingHandler();
            IOException thrown = new IOException("thrown in " + call);
            thrower.on(
                    call,
                    connection -> {
                        throw thrown;
                    });
            if (call == WRITABLE) {
                thrower.on(OPENED, connection -> connection.write(ByteBuffer.allocate(MANY_BYTES)));
            }
            peer.on(
                    OPENED,
                    connection -> {
                        connection.write(bytes("x"));
                        if (call != WRITABLE) {
                            connection.shutdownOutput();
                        }
                    });
            var address = serve(ConnectionOptions.DEFAULTS, () -> thrower);
            try (CapturedLog log = new CapturedLog("io.uloop")) {
                Connector.connect(loop, List.of(address), ConnectionOptions.DEFAULTS, peer);
                runUntil(() -> thrower.isClosed() && peer.isOver());
                assertThat(log.messages()).hasSize(1);
            }
            assertThat(failures).containsExactly(thrown);
            failures.clear();
            assertThat(thrower.cause).isEqualTo(call == CLOSED ? null : thrown);
        }
        client.connection.write(bytes("fine"));
        runUntil(() -> server.received.length() == 4);
    }

    @Test
    void errorPropagatesFromLoopAndClosesItsConnection() throws IOException {
        errorsReachTheirReader();
        open();
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
        assertThat(client.cause).hasMessageContaining("ECONNRESET");
    }
}
