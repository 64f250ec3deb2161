package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.CLOSED;
import static io.uloop.connection.RecordingHandler.Call.INPUT_CLOSED;
import static io.uloop.connection.RecordingHandler.Call.OPENED;
import static io.uloop.connection.RecordingHandler.Call.RECEIVED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.LoopThread;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.net.UnixListener;
import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections without failures. */
class ConnectionTest extends EachConnection {
    @TempDir private Path directory;

    @Test
    void bytesFlowBothWaysAndCloseEndsBothSides() throws IOException {
        client.on(OPENED, connection -> connection.write(bytes("ping")));
        server.on(RECEIVED, connection -> connection.write(bytes("pong")));
        client.on(RECEIVED, Connection::close);
        open();
        runUntilBothClosed();
        assertThat(server.received).hasToString("ping");
        assertThat(client.received).hasToString("pong");
        assertThat(client.calls).containsExactly(OPENED, RECEIVED, CLOSED);
        assertThat(server.calls).containsExactly(OPENED, RECEIVED, INPUT_CLOSED, CLOSED);
        assertThat(client.cause).isNull();
        assertThat(server.cause).isNull();
        assertThat(loop.toString()).contains("timers=0");
    }

    @Test
    void writeConsumesTheBufferAndCallerMayReuseIt() throws IOException {
        open();
        client.connection.pauseReading();
        ByteBuffer reused = ByteBuffer.allocate(40_000);
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            reused.clear();
            while (reused.hasRemaining()) {
                reused.put((byte) ('a' + i % 26));
            }
            server.connection.write(reused.flip());
            assertThat(reused.hasRemaining()).isFalse();
            expected.append(String.valueOf((char) ('a' + i % 26)).repeat(40_000));
        }
        assertThat(server.connection.pendingBytes()).isPositive();
        client.connection.resumeReading();
        runUntil(() -> client.received.length() == expected.length());
        assertThat(client.received.toString().contentEquals(expected)).isTrue();
    }

    @Test
    void gatheredWriteKeepsOrder() throws IOException {
        open();
        ByteBuffer[] sources = {bytes("no"), bytes("ab"), bytes(""), bytes("cde"), bytes("no")};
        assertThat(client.connection.write(sources, 1, 3)).isTrue();
        assertThat(sources[3].hasRemaining()).isFalse();
        assertThat(sources[4].hasRemaining()).isTrue();
        client.connection.write(bytes("f"));
        runUntil(() -> server.received.length() == 6);
        assertThat(server.received).hasToString("abcdef");
        assertThatThrownBy(() -> client.connection.write(sources, 4, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void pendingGatheredWriteKeepsOrder() throws IOException {
        open();
        client.connection.pauseReading();
        ByteBuffer head = ByteBuffer.allocateDirect(5);
        ByteBuffer body = ByteBuffer.allocate(100_000);
        int messages = 200;
        for (int i = 0; i < messages; i++) {
            head.clear().put(bytes("head:")).flip();
            while (body.hasRemaining()) {
                body.put((byte) 'x');
            }
            server.connection.write(new ByteBuffer[] {head, body.flip()}, 0, 2);
            body.clear();
        }
        assertThat(server.connection.isWritable()).isFalse();
        client.connection.resumeReading();
        String message = "head:" + "x".repeat(100_000);
        runUntil(() -> client.received.length() == messages * message.length());
        assertThat(client.received.toString()).isEqualTo(message.repeat(messages));
    }

    @Test
    void writeOfEmptyBufferSendsNothing() throws IOException {
        open();
        assertThat(client.connection.write(bytes(""))).isTrue();
        assertThat(client.connection.pendingBytes()).isZero();
        client.connection.write(bytes("x"));
        runUntil(() -> server.has(RECEIVED));
        assertThat(server.received).hasToString("x");
    }

    @Test
    void everyCallbackMayWrite() throws IOException {
        server.on(OPENED, connection -> connection.write(bytes("o")));
        server.on(RECEIVED, connection -> connection.write(bytes("r")));
        server.on(
                INPUT_CLOSED,
                connection -> {
                    connection.write(bytes("i"));
                    connection.close();
                });
        boolean[] dropped = new boolean[1];
        client.on(INPUT_CLOSED, connection -> {});
        client.on(CLOSED, connection -> dropped[0] = !connection.write(bytes("c")));
        open();
        client.connection.write(bytes("x"));
        client.on(RECEIVED, connection -> {});
        runUntil(() -> client.received.length() == 2);
        client.connection.shutdownOutput();
        runUntil(() -> client.isClosed() || client.received.length() == 3);
        assertThat(client.received).hasToString("ori");
        assertThat(client.connection.write(bytes("x"))).isFalse();
        client.on(CLOSED, connection -> {});
        runUntilBothClosed();
        assertThat(client.cause).isNull();
        assertThat(server.cause).isNull();
    }

    @Test
    void everyCallbackMayCloseOrAbort() throws IOException {
        for (RecordingHandler.Call call : List.of(OPENED, RECEIVED, INPUT_CLOSED, CLOSED)) {
            for (boolean abort : new boolean[] {false, true}) {
                RecordingHandler one = new RecordingHandler();
                RecordingHandler other = new RecordingHandler();
                one.on(
                        call,
                        connection -> {
                            if (abort) {
                                connection.abort();
                            } else {
                                connection.close();
                            }
                            connection.close();
                            assertThat(connection.isOpen()).isFalse();
                            assertThat(connection.isWritable()).isFalse();
                        });
                other.on(
                        OPENED,
                        connection -> {
                            connection.write(bytes("x"));
                            connection.shutdownOutput();
                        });
                var address = serve(ConnectionOptions.DEFAULTS, () -> one);
                Connector.connect(loop, List.of(address), ConnectionOptions.DEFAULTS, other);
                runUntil(() -> one.isClosed() && other.isOver());
                assertThat(one.cause).isNull();
                assertThat(one.calls).contains(call);
                assertThat(one.calls.get(one.calls.size() - 2))
                        .isEqualTo(call == CLOSED ? INPUT_CLOSED : call);
            }
        }
    }

    @Test
    void closedIsCalledInALaterTurn() throws IOException {
        List<Connection> all = new ArrayList<>();
        var address =
                serve(
                        ConnectionOptions.DEFAULTS,
                        () -> new RecordingHandler().on(OPENED, all::add).on(CLOSED, all::remove));
        List<RecordingHandler> clients = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            RecordingHandler handler = new RecordingHandler();
            clients.add(handler);
            Connector.connect(loop, List.of(address), ConnectionOptions.DEFAULTS, handler);
        }
        runUntil(() -> all.size() == 10);
        for (Connection connection : all) {
            connection.abort();
        }
        assertThat(all).hasSize(10);
        runUntil(() -> all.isEmpty() && clients.stream().allMatch(RecordingHandler::isClosed));
    }

    @Test
    void connectionHasAddressesAndOptions() throws IOException {
        open();
        assertThat(client.connection.loop()).isSameAs(loop);
        assertThat(client.connection.localAddress()).isEqualTo(server.connection.remoteAddress());
        assertThat(client.connection.remoteAddress()).isEqualTo(server.connection.localAddress());
        client.connection.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        assertThat(client.connection.getOption(StandardSocketOptions.SO_KEEPALIVE)).isTrue();
        assertThat(client.connection.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
        assertThat(client.connection.channel()).isInstanceOf(TcpChannel.class);
        assertThat(client.connection.channel().fd()).isNotNegative();
        assertThat(client.connection.isOpen()).isTrue();
        assertThat(client.connection.sslSession()).isNull();
        assertThat(client.connection.applicationProtocol()).isEmpty();
        assertThat(client.connection.toString()).contains("fd=", "pending=0");
        client.connection.abort();
        assertThatThrownBy(() -> client.connection.localAddress())
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> client.connection.getOption(StandardSocketOptions.SO_KEEPALIVE))
                .isInstanceOf(ClosedChannelException.class);
        assertThat(client.connection.channel().fd()).isEqualTo(Descriptors.NONE);
        runUntilBothClosed();
    }

    @Test
    void remoteAddressIsKnownAfterAReset() throws IOException {
        TcpChannel peer = openToChannel(ConnectionOptions.DEFAULTS);
        SocketAddress address = peer.getLocalAddress();
        List<SocketAddress> known = new ArrayList<>();
        server.on(CLOSED, by -> known.add(by.remoteAddress()));
        peer.reset();
        runUntil(server::isClosed);
        assertThat(known).containsExactly(address);
        assertThat(server.connection.remoteAddress()).isEqualTo(address);
    }

    @Test
    void remoteAddressOfIpv6IsKnownAfterTheEnd() throws IOException {
        TcpListener listener;
        try {
            listener = closing(TcpListener.open(loop, ipv6Loopback(0)));
        } catch (PollerException e) {
            assumeTrue(false, "no IPv6: " + e);
            return;
        }
        listener.register(Connection.acceptor(ConnectionOptions.DEFAULTS, () -> server));
        Connector.connect(
                loop, List.of(listener.getLocalAddress()), ConnectionOptions.DEFAULTS, client);
        runUntil(() -> client.isOpened() && server.isOpened());
        SocketAddress address = client.connection.localAddress();
        client.connection.close();
        runUntilBothClosed();
        assertThat(server.connection.remoteAddress()).isEqualTo(address);
        assertThat(client.connection.remoteAddress()).isEqualTo(listener.getLocalAddress());
    }

    @Test
    void clientOfUnixListenerHasNoName() throws IOException {
        UnixDomainSocketAddress address =
                UnixDomainSocketAddress.of(directory.resolve("socket").toString());
        UnixListener listener = closing(UnixListener.open(loop, address));
        listener.register(Connection.acceptor(ConnectionOptions.DEFAULTS, () -> server));
        Connector.connect(loop, List.of(address), ConnectionOptions.DEFAULTS, client);
        runUntil(() -> client.isOpened() && server.isOpened());
        assertThat(server.connection.remoteAddress()).isEqualTo(UnixDomainSocketAddress.of(""));
        client.connection.close();
        runUntilBothClosed();
        assertThat(client.connection.remoteAddress()).isEqualTo(address);
    }

    @Test
    void callFromAnotherThreadThrows() throws IOException {
        open();
        try (LoopThread thread = new LoopThread(loop)) {
            assertThat(thread).isNotNull();
            Connection connection = client.connection;
            assertThatThrownBy(() -> connection.write(bytes("x")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("execute");
            assertThatThrownBy(connection::close).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(connection::abort).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(connection::pauseReading).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(connection::resumeReading).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(connection::shutdownOutput)
                    .isInstanceOf(IllegalStateException.class);
            loop.execute(() -> connection.write(bytes("x")));
            loop.execute(loop::stop);
            thread.join();
        }
        runUntil(() -> server.has(RECEIVED));
    }

    @Test
    void connectionOfClosedLoopCanBeClosed() throws IOException {
        open();
        loop.close();
        client.connection.close();
        server.connection.abort();
        assertThat(client.isClosed()).isTrue();
        assertThat(server.isClosed()).isTrue();
    }

    @Test
    void openOnClosedLoopFailsAndClosesTheChannel() throws IOException {
        TcpChannel channel = connection()[0];
        loop.close();
        Connection connection = Connection.open(channel, ConnectionOptions.DEFAULTS, client);
        assertThat(connection.isOpen()).isFalse();
        assertThat(client.openFailure).hasMessageContaining("loop is closed");
        assertThat(channel.isOpen()).isFalse();
        assertThat(client.calls).isEmpty();
    }

    @Test
    void connectionWorksOverUnixDomainChannel() throws IOException {
        UnixDomainSocketAddress address =
                UnixDomainSocketAddress.of(directory.resolve("socket").toString());
        UnixListener listener = closing(UnixListener.open(loop, address));
        listener.register(Connection.acceptor(ConnectionOptions.DEFAULTS, () -> server));
        server.on(RECEIVED, connection -> connection.write(bytes("pong")));
        client.on(OPENED, connection -> connection.write(bytes("ping")));
        Connector.connect(loop, List.of(address), ConnectionOptions.DEFAULTS, client);
        runUntil(() -> client.received.length() == 4);
        client.connection.abort(); // only TCP has a reset
        runUntilBothClosed();
        assertThat(server.received).hasToString("ping");
    }
}
