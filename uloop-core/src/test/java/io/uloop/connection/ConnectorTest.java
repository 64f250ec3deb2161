package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.OPENED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.uloop.CapturedLog;
import io.uloop.Timer;
import io.uloop.net.StreamChannel;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.net.UnixChannel;
import io.uloop.net.UnixListener;
import io.uloop.poller.NativeDescriptors;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The connector chooses among several addresses. */
class ConnectorTest extends EachConnection {
    private static final Duration SHORT = Duration.ofMillis(60);

    /** Returns an address that does not answer, because its backlog is full. */
    private SocketAddress silent() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort(), 1));
        for (int i = 0; i < 10; i++) {
            closing(TcpChannel.connect(loop, listener.getLocalAddress()));
        }
        return listener.getLocalAddress();
    }

    private Connector connect(ConnectionOptions options, SocketAddress... addresses) {
        return Connector.connect(loop, List.of(addresses), options, client);
    }

    @Test
    void refusedAddressIsFollowedByTheNextAtOnce() throws IOException {
        InetSocketAddress working = serve(ConnectionOptions.DEFAULTS, () -> server);
        ConnectionOptions patient =
                ConnectionOptions.builder().attemptDelay(Duration.ofHours(1)).build();
        connect(patient, refusing(), refusing(), working);
        runUntil(client::isOpened);
        assertThat(client.connection.remoteAddress()).isEqualTo(working);
        assertThat(client.openFailure).isNull();
        assertThat(loop.toString()).contains("timers=0");
    }

    @Test
    void silentAddressIsJoinedByTheNextAfterTheDelay() throws IOException {
        InetSocketAddress working = serve(ConnectionOptions.DEFAULTS, () -> server);
        SocketAddress silent = silent();
        long start = System.nanoTime();
        connect(ConnectionOptions.builder().attemptDelay(SHORT).build(), silent, working);
        runUntil(client::isOpened);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SHORT.toNanos());
        assertThat(client.connection.remoteAddress()).isEqualTo(working);
        runUntil(server::isOpened);
        // The connection, its peer, and the one registered listener of the two.
        assertThat(loop.toString()).contains("timers=0", "descriptors=3");
    }

    @Test
    void firstConnectionWins() throws IOException {
        RecordingHandler other = new RecordingHandler();
        InetSocketAddress first = serve(ConnectionOptions.DEFAULTS, () -> server);
        InetSocketAddress second = serve(ConnectionOptions.DEFAULTS, () -> other);
        connect(ConnectionOptions.builder().attemptDelay(Duration.ZERO).build(), first, second);
        runUntil(() -> client.isOpened() && (server.isOpened() || other.isOpened()));
        client.connection.close();
        runUntil(() -> client.isClosed() && loop.toString().contains("descriptors=2"));
        assertThat(client.count(OPENED)).isEqualTo(1);
    }

    @Test
    void failureOfAllAddressesReportsEachCause() throws IOException {
        errorsReachTheirReader();
        InetSocketAddress one = refusing();
        InetSocketAddress other = refusing();
        connect(ConnectionOptions.DEFAULTS, one, other);
        assertThat(client.openFailure).isNull();
        runUntil(() -> client.openFailure != null);
        assertThat(client.openFailure)
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(one.toString())
                .hasMessageContaining(other.toString())
                .hasMessageMatching(".*\\]: connect.*ECONNREFUSED.*; connect.*ECONNREFUSED.*");
        assertThat(client.openFailure.getSuppressed())
                .hasSize(2)
                .allSatisfy(failure -> assertThat(failure).hasMessageContaining("ECONNREFUSED"));
        assertThat(loop.toString()).contains("timers=0", "descriptors=0");
    }

    @Test
    void timeoutCoversAllAddresses() throws IOException {
        SocketAddress silent = silent();
        InetSocketAddress refusing = refusing();
        long start = System.nanoTime();
        // Long enough for the first refusal to come before, even on a busy machine.
        Duration timeout = Duration.ofSeconds(1);
        connect(ConnectionOptions.builder().connectTimeout(timeout).build(), refusing, silent);
        runUntil(() -> client.openFailure != null);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(timeout.toNanos());
        assertThat(client.openFailure)
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining(silent.toString())
                .hasMessageContaining("PT1S: connect(")
                .hasMessageContaining("ECONNREFUSED");
        assertThat(client.openFailure.getSuppressed()).hasSize(1);
        assertThat(loop.toString()).contains("timers=0", "descriptors=0");
    }

    /** The timeout starts with the first attempt. */
    @Test
    void connectDuringLoopDelaySucceeds() throws IOException {
        InetSocketAddress working = serve(ConnectionOptions.DEFAULTS, () -> server);
        connect(ConnectionOptions.builder().connectTimeout(SHORT).build(), working);
        holdUp();
        loop.runOnce(0);
        holdUp();
        runUntil(() -> client.isOpened() || client.openFailure != null);
        assertThat(client.openFailure).isNull();
        runUntil(server::isOpened);
        assertThat(loop.toString()).contains("timers=0");
    }

    /** Lets more time pass than the timeouts. */
    private static void holdUp() {
        long start = System.nanoTime();
        while (System.nanoTime() - start < 2 * SHORT.toNanos()) {
            Thread.onSpinWait();
        }
    }

    /** The kernel connects while the loop is delayed past the deadline. */
    @Test
    @EnabledOnOs(OS.LINUX) // a backlog of 1 holds two connections
    void connectBeforeDeadlineIsSeenAfterLoopDelay() throws IOException {
        loop.close();
        CountingBackend backend = new CountingBackend(provider);
        loop = build(backend);
        TcpListener listener = closing(TcpListener.open(loop, anyPort(), 1));
        for (int i = 0; i < 2; i++) {
            closing(TcpChannel.connect(loop, listener.getLocalAddress()));
        }
        boolean[] begun = new boolean[1];
        backend.beforeConnect = (fd, address) -> begun[0] = true;
        connect(
                ConnectionOptions.builder().connectTimeout(Duration.ofMillis(500)).build(),
                listener.getLocalAddress());
        int[] accepted = new int[1];
        loop.afterPoll(
                () -> {
                    while (begun[0] && accepted[0] < 3) { // ours comes last, after about a second
                        TcpChannel next = unchecked(listener::accept);
                        if (next != null) {
                            closing(next);
                            accepted[0]++;
                        }
                    }
                });
        runUntil(() -> client.isOpened() || client.openFailure != null);
        assertThat(client.openFailure).isNull();
    }

    /** This can happen if nothing listens on a port of the ephemeral range. */
    @Test
    void selfConnectIsRefused() throws IOException {
        InetSocketAddress nobody;
        try (TcpChannel last = TcpChannel.open(loop, loopbackFamily())) {
            nobody = (InetSocketAddress) last.bind(anyPort()).getLocalAddress();
        }
        loop.close();
        CountingBackend backend = new CountingBackend(provider);
        loop = build(backend);
        backend.beforeConnect = (fd, address) -> unchecked(() -> bind(fd, address));
        connect(ConnectionOptions.DEFAULTS, nobody);
        runUntil(() -> client.isOpened() || client.openFailure != null);
        assertThat(client.calls).isEmpty();
        assertThat(client.openFailure.getSuppressed())
                .singleElement()
                .satisfies(failure -> assertThat(failure).hasMessageContaining("ECONNREFUSED"));
    }

    private boolean bind(int fd, SocketAddress address) throws IOException {
        provider.descriptors().bind(fd, address);
        return true;
    }

    @Test
    void fullUnixBacklogIsRetriedUntilThereIsRoom(@TempDir Path directory) throws IOException {
        SocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s").toString());
        UnixListener listener = closing(UnixListener.open(loop, address, 1));
        int waiting = fill(address);
        connect(ConnectionOptions.DEFAULTS, address);
        int[] turns = new int[1];
        runUntil(() -> turns[0]++ > 5);
        assertThat(client.openFailure).isNull();
        assertThat(client.calls).isEmpty();
        for (int i = 0; i < waiting; i++) {
            closing(listener.accept());
        }
        runUntil(() -> client.isOpened() || client.openFailure != null);
        assertThat(client.openFailure).isNull();
    }

    @Test
    void timeoutNamesBacklogThatStaysFull(@TempDir Path directory) throws IOException {
        SocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s").toString());
        closing(UnixListener.open(loop, address, 1));
        fill(address);
        connect(ConnectionOptions.builder().connectTimeout(SHORT).build(), address);
        runUntil(() -> client.openFailure != null);
        assertThat(client.openFailure)
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("EAGAIN");
        assertThat(loop.toString()).contains("timers=0", "descriptors=0");
    }

    /** Connects until the backlog is full. Returns the number of connections. */
    private int fill(SocketAddress address) {
        for (int i = 0; i < 100; i++) {
            try {
                closing(UnixChannel.connect(loop, address));
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("EAGAIN");
                return i;
            }
        }
        throw new AssertionError("a backlog of 1 takes 100");
    }

    @Test
    void cancelledConnectCallsNothing() throws IOException {
        SocketAddress silent = silent();
        Connector connector = connect(ConnectionOptions.DEFAULTS, silent);
        int[] turns = new int[1];
        runUntil(() -> turns[0]++ > 2);
        assertThat(loop.toString()).contains("descriptors=1");
        assertThat(connector.cancel()).isTrue();
        assertThat(connector.cancel()).isFalse();
        assertThat(loop.toString()).contains("timers=0", "descriptors=0");
        assertThat(connect(ConnectionOptions.DEFAULTS, silent).cancel()).isTrue();
        turns[0] = 0;
        runUntil(() -> turns[0]++ > 2);
        assertThat(client.calls).isEmpty();
        assertThat(client.openFailure).isNull();
    }

    @Test
    void cancelAfterConnectReturnsFalse() throws IOException {
        Connector connector =
                connect(
                        ConnectionOptions.DEFAULTS,
                        serve(ConnectionOptions.DEFAULTS, () -> server));
        runUntil(client::isOpened);
        assertThat(connector.cancel()).isFalse();
        client.connection.write(bytes("x"));
        runUntil(() -> server.received.length() == 1);
    }

    @Test
    void failureWithDefaultHandlerIsLogged() throws IOException {
        ConnectionHandler careless = (connection, data) -> {};
        try (CapturedLog log = new CapturedLog("io.uloop.connection")) {
            var addresses = List.of(refusing());
            Timer again = // other tests may just have used the limit of the log
                    loop.callEvery(
                            Duration.ofMillis(100),
                            () ->
                                    Connector.connect(
                                            loop, addresses, ConnectionOptions.DEFAULTS, careless));
            runUntil(() -> !log.messages().isEmpty());
            again.close();
            assertThat(log.messages()).first().asString().contains("cannot connect to");
        }
    }

    private void connectPrepared(StreamPreparation preparation, SocketAddress... addresses) {
        Connector.connect(
                loop, List.of(addresses), preparation, ConnectionOptions.DEFAULTS, client);
    }

    @Test
    void socketIsPreparedBeforeTheConnect() throws IOException {
        InetSocketAddress working = serve(ConnectionOptions.DEFAULTS, () -> server);
        TcpChannel free = TcpChannel.open(loop, loopbackFamily());
        SocketAddress local = free.bind(anyPort()).getLocalAddress();
        free.close();
        connectPrepared(
                socket -> {
                    socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                    socket.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
                    socket.bind(local);
                },
                working);
        runUntil(() -> client.isOpened() && server.isOpened());
        assertThat(client.connection.localAddress()).isEqualTo(local);
        assertThat(server.connection.remoteAddress()).isEqualTo(local);
        assertThat(client.connection.getOption(StandardSocketOptions.SO_RCVBUF)).isLessThan(16384);
    }

    @Test
    void unusableLocalAddressIsFollowedByTheNextAtOnce() throws IOException {
        InetSocketAddress working = serve(ConnectionOptions.DEFAULTS, () -> server);
        List<StreamChannel> prepared = new ArrayList<>();
        connectPrepared(
                socket -> {
                    prepared.add(socket);
                    if (prepared.size() == 1) {
                        socket.bind(working); // EADDRINUSE
                    } else if (prepared.size() == 2) {
                        socket.bind(UnixDomainSocketAddress.of("other family"));
                    }
                },
                working,
                working,
                working);
        runUntil(client::isOpened);
        assertThat(prepared).hasSize(3);
        assertThat(prepared.get(0).isOpen()).isFalse();
        assertThat(prepared.get(1).isOpen()).isFalse();
        runUntil(server::isOpened);
    }

    @Test
    void failuresOfThePreparationAreReported() throws IOException {
        InetSocketAddress working = serve(ConnectionOptions.DEFAULTS, () -> server);
        connectPrepared(
                socket -> {
                    throw new IllegalStateException("by the test");
                },
                working);
        runUntil(client::isOver);
        assertThat(client.openFailure.getSuppressed()).hasSize(1);
        assertThat(client.openFailure.getSuppressed()[0])
                .hasMessageContaining("cannot prepare a socket for " + working)
                .hasRootCauseMessage("by the test");
        assertThat(loop.toString()).contains("timers=0");
    }

    @Test
    void outOfMemoryOfThePreparationIsFollowedByTheNextAtOnce() throws IOException {
        InetSocketAddress working = serve(ConnectionOptions.DEFAULTS, () -> server);
        List<StreamChannel> prepared = new ArrayList<>();
        connectPrepared(
                socket -> {
                    prepared.add(socket);
                    if (prepared.size() == 1) {
                        throw new OutOfMemoryError("by the test");
                    }
                },
                working,
                working);
        runUntil(client::isOpened);
        assertThat(prepared.get(0).isOpen()).isFalse();
        runUntil(server::isOpened);
    }

    @Test
    void errorOfThePreparationIsThrownAndFailsTheAttempt() throws IOException {
        InetSocketAddress working = serve(ConnectionOptions.DEFAULTS, () -> server);
        List<StreamChannel> prepared = new ArrayList<>();
        connectPrepared(
                socket -> {
                    prepared.add(socket);
                    throw new AssertionError("by the test");
                },
                working,
                working);
        assertThatThrownBy(() -> runUntil(client::isOver)).hasMessage("by the test");
        assertThat(client.openFailure).hasRootCauseMessage("by the test");
        assertThat(prepared).singleElement().matches(socket -> !socket.isOpen());
        assertThat(loop.toString()).contains("timers=0", "descriptors=1");
    }

    @Test
    void cancelInThePreparationCallsNothing() throws IOException {
        InetSocketAddress working = serve(ConnectionOptions.DEFAULTS, () -> server);
        List<StreamChannel> prepared = new ArrayList<>();
        Connector[] connector = new Connector[1];
        connector[0] =
                Connector.connect(
                        loop,
                        List.of(working, working),
                        socket -> {
                            prepared.add(socket);
                            assertThat(connector[0].cancel()).isTrue();
                        },
                        ConnectionOptions.DEFAULTS,
                        client);
        int[] turns = new int[1];
        runUntil(() -> turns[0]++ > 5);
        assertThat(prepared).singleElement().matches(socket -> !socket.isOpen());
        assertThat(client.isOpened()).isFalse();
        assertThat(client.openFailure).isNull();
        assertThat(loop.toString()).contains("timers=0", "descriptors=1");
    }

    /** The connect succeeds, and then there is no memory for the connection. */
    @Test
    void connectionWithoutMemoryFailsTheAttempt() throws IOException {
        loop.close();
        CountingBackend backend = new CountingBackend(provider);
        loop = build(backend);
        SocketAddress working = closing(TcpListener.open(loop, anyPort())).getLocalAddress();
        OutOfMemoryError none = new OutOfMemoryError("by the test");
        backend.beforeConnect = (fd, address) -> backend.fail(fd, "remoteAddress", 1, none);
        List<StreamChannel> prepared = new ArrayList<>();
        connectPrepared(prepared::add, working);
        runUntil(client::isOver);
        assertThat(client.openFailure).hasRootCause(none);
        assertThat(prepared).singleElement().matches(socket -> !socket.isOpen());
    }

    /** Other backends receive descriptors. */
    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void optionThatTheBackendLacksFailsTheAttempt(@TempDir Path directory) throws IOException {
        assumeFalse(loop.descriptors() instanceof NativeDescriptors, "the backend has it");
        SocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s").toString());
        closing(UnixListener.open(loop, address));
        connect(ConnectionOptions.builder().receiveDescriptors(1).build(), address);
        runUntil(client::isOver);
        assertThat(client.openFailure).hasCauseInstanceOf(UnsupportedOperationException.class);
        assertThat(loop.toString()).contains("timers=0", "descriptors=0");
    }

    @Test
    void invalidAddressesAreRejected() {
        assertThatThrownBy(() -> connect(ConnectionOptions.DEFAULTS))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () ->
                                connect(
                                        ConnectionOptions.DEFAULTS,
                                        InetSocketAddress.createUnresolved("nowhere", 1)))
                .isInstanceOf(UnresolvedAddressException.class);
        assertThat(loop.toString()).contains("timers=0");
    }

    @Test
    void addressFamiliesAlternate() throws IOException {
        SocketAddress[] six = new SocketAddress[3];
        SocketAddress[] four = new SocketAddress[3];
        for (int i = 0; i < 3; i++) {
            six[i] = new InetSocketAddress(InetAddress.getByName("2001:db8::" + i), 1);
            four[i] = new InetSocketAddress(InetAddress.getByName("192.0.2." + i), 1);
        }
        assertThat(Addresses.interleaved(List.of(six[0], six[1], six[2], four[0], four[1])))
                .containsExactly(six[0], four[0], six[1], four[1], six[2]);
        assertThat(Addresses.interleaved(List.of(four[0], six[0], six[1], six[2])))
                .containsExactly(four[0], six[0], six[1], six[2]);
        assertThat(Addresses.interleaved(List.of(four[2], four[1])))
                .containsExactly(four[2], four[1]);
    }
}
