package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.CLOSED;
import static io.uloop.connection.RecordingHandler.Call.OPENED;
import static io.uloop.connection.RecordingHandler.Call.RECEIVED;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.CapturedLog;
import io.uloop.LoopThread;
import io.uloop.group.GroupListener;
import io.uloop.group.UloopGroup;
import io.uloop.net.TcpChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A loop that ends makes the last call of each connection and connect attempt once. */
class ConnectionLoopEndTest extends EachTlsConnection {
    private static final String PLAIN = "plain";

    private void openOf(String version) throws IOException {
        if (version.equals(PLAIN)) {
            open();
        } else {
            open(version);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, TLS_1_2, TLS_1_3})
    void abortAndLoopCloseInOneTaskCallClosed(String version) throws IOException {
        openOf(version);
        loop.execute(
                () -> {
                    server.connection.abort();
                    loop.close();
                    assertThat(server.isClosed()).isFalse();
                });
        loop.run();
        assertThat(server.count(CLOSED)).isEqualTo(1);
        assertThat(server.cause).isNull();
        assertThat(client.count(CLOSED)).isEqualTo(1);
        assertThat(client.cause).hasMessageContaining("loop was closed");
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, TLS_1_3})
    void closeOfStoppedLoopCallsClosed(String version) throws IOException {
        openOf(version);
        loop.execute(
                () -> {
                    server.connection.abort();
                    loop.stop();
                });
        loop.run();
        loop.close();
        assertThat(server.count(CLOSED)).isEqualTo(1);
        assertThat(client.count(CLOSED)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, TLS_1_3})
    void closeByAnotherThreadEndsConnectionsOnTheLoopsThread(String version) throws Exception {
        openOf(version);
        Thread[] closedOn = new Thread[1];
        server.on(CLOSED, connection -> closedOn[0] = Thread.currentThread());
        LoopThread thread = new LoopThread(loop);
        loop.submit(() -> true).get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        loop.close();
        thread.join();
        assertThat(server.count(CLOSED)).isEqualTo(1);
        assertThat(closedOn[0]).isNotNull().isNotSameAs(Thread.currentThread());
        assertThat(client.count(CLOSED)).isEqualTo(1);
    }

    @Test
    void pendingBytesAtEndOfLoopAreLostByReset() throws IOException {
        InetSocketAddress address = serve(ConnectionOptions.DEFAULTS, () -> server);
        try (Socket peer = new Socket(address.getAddress(), address.getPort())) {
            runUntil(server::isOpened);
            server.connection.write(ByteBuffer.allocate(16 << 20));
            assertThat(server.connection.pendingBytes()).isPositive();
            server.connection.close();
            loop.close();
            assertThat(server.count(CLOSED)).isEqualTo(1);
            assertThat(server.cause).hasMessageContaining("loop was closed");
            assertThat(readToEnd(peer)).contains("reset");
        }
    }

    @Test
    void idleConnectionEndsInOrderWithItsLoop() throws IOException {
        InetSocketAddress address = serve(ConnectionOptions.DEFAULTS, () -> server);
        try (Socket peer = new Socket(address.getAddress(), address.getPort())) {
            runUntil(server::isOpened);
            loop.close();
            assertThat(server.count(CLOSED)).isEqualTo(1);
            assertThat(readToEnd(peer)).isEqualTo("end");
        }
    }

    private static String readToEnd(Socket peer) {
        byte[] target = new byte[1 << 16];
        try {
            peer.setSoTimeout((int) DEADLINE.toMillis());
            while (peer.getInputStream().read(target) >= 0) {
                // read to the end
            }
            return "end";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** The others still get their last call. */
    @Test
    void exceptionInClosedDoesNotSkipOthers() throws IOException {
        open();
        IOException thrown = new IOException("thrown by the test");
        for (RecordingHandler handler : List.of(client, server)) {
            handler.on(
                    CLOSED,
                    connection -> {
                        throw thrown;
                    });
        }
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            loop.close();
            assertThat(log.messages()).hasSize(2);
        }
        assertThat(server.isClosed() && client.isClosed()).isTrue();
        assertThat(failures).containsExactly(thrown, thrown);
        failures.clear();
    }

    @Test
    void connectInProgressFailsOnce() throws IOException {
        InetSocketAddress address = serve(ConnectionOptions.DEFAULTS, () -> server);
        Connector connector =
                Connector.connect(loop, List.of(address), ConnectionOptions.DEFAULTS, client);
        loop.close();
        assertThat(client.openFailure).hasMessageContaining("loop was closed");
        assertThat(connector.cancel()).isFalse();
        assertThat(client.calls).isEmpty();
    }

    @Test
    void handshakeInProgressFailsOnce() throws IOException {
        TcpChannel[] ends = connection();
        Connection.open(ends[0], with(serverTls()), server);
        int[] turns = new int[1];
        runUntil(() -> turns[0]++ > 2);
        loop.close();
        assertThat(server.openFailure).hasMessageContaining("loop was closed");
        assertThat(server.calls).isEmpty();
        assertThat(ends[0].isOpen()).isFalse();
    }

    /** The client neither sends nor closes. */
    @Test
    void groupShutdownEndsSilentHandshake() throws Exception {
        BlockingQueue<IOException> failed = new LinkedBlockingQueue<>();
        BlockingQueue<String> accepted = new LinkedBlockingQueue<>();
        ConnectionHandler handler =
                new ConnectionHandler() {
                    @Override
                    public void received(Connection connection, ByteBuffer data) {}

                    @Override
                    public void openFailed(IOException cause) {
                        failed.add(cause);
                    }
                };
        UloopGroup group =
                closing(
                        UloopGroup.builder()
                                .size(2)
                                .eachLoop(each -> each.poller(provider))
                                .build());
        GroupListener listener =
                GroupListener.open(
                        group,
                        anyPort(),
                        channel -> {
                            Connection.open(channel, with(serverTls()), handler);
                            accepted.add("one");
                        });
        InetSocketAddress address = (InetSocketAddress) listener.localAddress();
        try (Socket silent = new Socket(address.getAddress(), address.getPort())) {
            assertThat(accepted.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isNotNull();
            // Less than the handshake timeout.
            assertThat(group.shutdown(Duration.ofSeconds(8))).isTrue();
            assertThat(failed.poll()).hasMessageContaining("its group shuts down");
            assertThat(failed).isEmpty();
            assertThat(readToEnd(silent)).contains("reset");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, TLS_1_3})
    void loopClosedInOpenedLogsNothing(String version) throws IOException {
        server.on(OPENED, connection -> loop.close());
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            if (version.equals(PLAIN)) {
                InetSocketAddress address = serve(ConnectionOptions.DEFAULTS, () -> server);
                Connector.connect(loop, List.of(address), ConnectionOptions.DEFAULTS, client);
            } else {
                begin(clientTls(), serverTls());
            }
            loop.run();
            assertThat(log.messages()).isEmpty();
        }
        assertThat(server.calls).containsExactly(OPENED, CLOSED);
        assertThat(client.isOver()).isTrue();
    }

    /** Another thread may close the loop while the handler runs. */
    @Test
    void callLaterInCallbackAfterLoopCloseLogsNothing() throws IOException {
        open();
        server.on(
                RECEIVED,
                connection -> {
                    loop.close(); // as another thread would
                    loop.callLater(Duration.ofSeconds(1), () -> {});
                });
        client.connection.write(bytes("x"));
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            loop.run();
            assertThat(log.messages()).isEmpty();
        }
        assertThat(failures).isEmpty();
        assertThat(server.count(CLOSED)).isEqualTo(1);
    }
}
