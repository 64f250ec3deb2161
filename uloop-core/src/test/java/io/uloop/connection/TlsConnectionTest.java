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
import io.uloop.net.TcpListener;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS connections with both ends in this JVM. */
class TlsConnectionTest extends EachTlsConnection {
    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void bytesFlowBothWaysAndCloseEndsBothSides(String version) throws IOException {
        client.on(OPENED, connection -> connection.write(bytes("ping")));
        server.on(RECEIVED, connection -> connection.write(bytes("pong")));
        client.on(RECEIVED, Connection::close);
        open(version);
        assertThat(client.connection.sslSession().getProtocol()).isEqualTo(version);
        assertThat(server.connection.sslSession().getProtocol()).isEqualTo(version);
        assertThat(client.connection.toString()).startsWith("TlsConnection[fd=");
        runUntilBothClosed();
        assertThat(server.received).hasToString("ping");
        assertThat(client.received).hasToString("pong");
        assertThat(client.calls).containsExactly(OPENED, RECEIVED, CLOSED);
        assertThat(server.calls).containsExactly(OPENED, RECEIVED, INPUT_CLOSED, CLOSED);
        assertThat(client.cause).isNull();
        assertThat(server.cause).isNull();
        assertThat(loop.toString()).contains("timers=0", "descriptors=1");
    }

    @Test
    void peerCanSendAfterHalfClose() throws IOException {
        server.on(INPUT_CLOSED, connection -> {});
        client.on(INPUT_CLOSED, connection -> {});
        open(TLS_1_3);
        client.connection.write(bytes("last"));
        client.connection.shutdownOutput();
        assertThat(client.connection.write(bytes("x"))).isFalse();
        runUntil(() -> server.has(INPUT_CLOSED));
        assertThat(server.received).hasToString("last");
        server.connection.write(bytes("answer"));
        runUntil(() -> client.received.length() == 6);
        server.connection.shutdownOutput();
        runUntilBothClosed();
        assertThat(client.calls).endsWith(INPUT_CLOSED, CLOSED);
        assertThat(client.cause).isNull();
        assertThat(server.cause).isNull();
    }

    @Test
    void shutdownOutputBeforeTls13EndsBothDirections() throws IOException {
        boolean[] taken = new boolean[1];
        server.on(INPUT_CLOSED, connection -> taken[0] = connection.write(bytes("too late")));
        client.on(INPUT_CLOSED, connection -> {});
        open(TLS_1_2);
        server.connection.write(bytes("before"));
        client.connection.write(bytes("last"));
        client.connection.shutdownOutput();
        runUntilBothClosed();
        assertThat(taken[0]).isFalse();
        assertThat(server.received).hasToString("last");
        assertThat(client.received).hasToString("before");
        assertThat(client.cause).isNull();
        assertThat(server.cause).isNull();
    }

    /** Accepts only server names that match an expression. */
    private static Consumer<SSLParameters> serving(String names) {
        return chosen -> chosen.setSNIMatchers(List.of(SNIHostName.createSNIMatcher(names)));
    }

    @Test
    void alpnProtocolAndServerNameAreKnown() throws IOException {
        String[] offered = {"h2", "http/1.1"};
        String[] supported = {"http/1.1"};
        Consumer<SSLParameters> http1 = chosen -> chosen.setApplicationProtocols(supported);
        begin(
                clientTls().parameters(chosen -> chosen.setApplicationProtocols(offered)),
                serverTls().parameters(http1.andThen(serving("one\\..*"))));
        runUntil(() -> client.isOpened() && server.isOpened());
        assertThat(client.connection.applicationProtocol()).isEqualTo("http/1.1");
        assertThat(server.connection.applicationProtocol()).isEqualTo("http/1.1");
        assertThat(((ExtendedSSLSession) server.connection.sslSession()).getRequestedServerNames())
                .containsExactly(new SNIHostName("one.example"));
    }

    @Test
    void handshakeWithoutCommonProtocolFails() throws IOException {
        begin(
                clientTls()
                        .parameters(chosen -> chosen.setApplicationProtocols(new String[] {"h2"})),
                serverTls()
                        .parameters(
                                chosen ->
                                        chosen.setApplicationProtocols(new String[] {"http/1.1"})));
        assertNeitherOpens();
    }

    @Test
    void unknownServerNameIsRefused() throws IOException {
        begin(clientTls(), serverTls().parameters(serving("two\\.example")));
        assertNeitherOpens();
    }

    @Test
    void untrustedCertificateIsRefused() throws IOException {
        begin(TlsOptions.client(identity.stranger, "one.example", 443), serverTls());
        assertNeitherOpens();
        assertThat(client.openFailure).isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void certificateForAnotherNameIsRefusedUnlessUnchecked() throws IOException {
        begin(TlsOptions.client(identity.context, "two.example", 443), serverTls());
        assertNeitherOpens();
        assertThat(client.openFailure).hasMessageContaining("two.example");
        RecordingHandler careless = new RecordingHandler();
        RecordingHandler other = new RecordingHandler();
        var address = serve(with(serverTls()), () -> other);
        TlsOptions.Builder unchecked =
                TlsOptions.client(identity.context, "two.example", 443)
                        .parameters(chosen -> chosen.setEndpointIdentificationAlgorithm(null));
        Connector.connect(loop, List.of(address), with(unchecked), careless);
        runUntil(() -> careless.isOpened() && other.isOpened());
        careless.connection.close();
        runUntil(() -> careless.isClosed() && other.isClosed());
    }

    /** In TLS 1.3, the client may complete the handshake before it gets the refusal. */
    private void assertNeitherOpens() throws IOException {
        runUntilBothOver();
        assertThat(server.calls).isEmpty();
        assertThat(server.openFailure).isInstanceOf(SSLException.class);
        assertThat(client.calls).isEmpty();
        assertThat(client.openFailure).isInstanceOf(SSLException.class);
    }

    @Test
    void clientWithoutRequiredCertificateIsRefused() throws IOException {
        TlsOptions.Builder picky = serverTls().parameters(chosen -> chosen.setNeedClientAuth(true));
        begin(TlsOptions.client(identity.keyless, "one.example", 443), picky);
        runUntilBothOver();
        assertThat(server.openFailure).isInstanceOf(SSLException.class);
        Throwable seen = client.isOpened() ? client.cause : client.openFailure;
        assertThat(seen).isInstanceOf(SSLException.class).hasMessageContaining("alert");
    }

    @Test
    void plaintextIsRefused() throws IOException {
        var address = serve(with(serverTls()), () -> server);
        TcpChannel peer = closing(TcpChannel.connect(loop, address));
        runUntil(peer::finishConnect);
        peer.write(bytes("GET / HTTP/1.0\r\n\r\n"));
        ByteBuffer alert = ByteBuffer.allocate(100);
        runUntil(() -> peer.read(alert) < 0);
        peer.close();
        runUntil(server::isOver);
        assertThat(server.openFailure).isInstanceOf(SSLException.class);
        assertThat(alert.get(0)).as("an alert").isEqualTo((byte) 21);
    }

    @Test
    void handshakeTimeoutExpiresOnSilentPeer() throws IOException {
        var address =
                serve(with(serverTls().handshakeTimeout(Duration.ofMillis(60))), () -> server);
        long start = System.nanoTime();
        closing(TcpChannel.connect(loop, address));
        runUntil(server::isOver);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(60_000_000);
        assertThat(server.openFailure)
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("PT0.06S");
    }

    @Test
    void peerThatClosesDuringHandshakeIsReported() throws IOException {
        var address = serve(with(serverTls()), () -> server);
        TcpChannel peer = closing(TcpChannel.connect(loop, address));
        runUntil(peer::finishConnect);
        peer.write(ByteBuffer.wrap(new byte[] {22, 3, 1, 1}));
        peer.close();
        runUntil(server::isOver);
        assertThat(server.openFailure)
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("without a close_notify");
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
        client.on(INPUT_CLOSED, connection -> {});
        boolean[] dropped = new boolean[1];
        server.on(CLOSED, connection -> assertClosedForWriting(connection, dropped));
        open(TLS_1_3);
        client.connection.write(bytes("x"));
        runUntil(() -> client.received.length() == 2);
        client.connection.shutdownOutput();
        runUntilBothClosed();
        assertThat(client.received).hasToString("ori");
        assertThat(dropped[0]).isTrue();
    }

    private static void assertClosedForWriting(Connection connection, boolean[] seen) {
        assertThat(connection.write(bytes("c"))).isFalse();
        seen[0] = true;
    }

    @Test
    void everyCallbackMayCloseOrAbort() throws IOException {
        for (RecordingHandler.Call call : List.of(OPENED, RECEIVED, INPUT_CLOSED, CLOSED)) {
            for (boolean abort : new boolean[] {false, true}) {
                RecordingHandler one = new RecordingHandler();
                RecordingHandler other = new RecordingHandler();
                one.on(call, abort ? Connection::abort : Connection::close);
                other.on(
                        OPENED,
                        connection -> {
                            connection.write(bytes("x"));
                            connection.shutdownOutput();
                        });
                var address = serve(with(serverTls()), () -> one);
                Connector.connect(loop, List.of(address), with(clientTls()), other);
                runUntil(() -> one.isOver() && other.isOver());
                assertThat(one.calls).contains(call);
                assertThat(one.cause).isNull();
            }
        }
    }

    @Test
    void handlerExceptionEndsItsConnection() throws IOException {
        for (RecordingHandler.Call call : List.of(OPENED, RECEIVED, INPUT_CLOSED, CLOSED)) {
            RecordingHandler thrower = new RecordingHandler();
            RecordingHandler peer = new RecordingHandler();
            IllegalStateException thrown = new IllegalStateException("thrown in " + call);
            thrower.on(
                    call,
                    connection -> {
                        throw thrown;
                    });
            peer.on(
                    OPENED,
                    connection -> {
                        connection.write(bytes("x"));
                        connection.shutdownOutput();
                    });
            var address = serve(with(serverTls()), () -> thrower);
            try (CapturedLog log = new CapturedLog("io.uloop")) {
                Connector.connect(loop, List.of(address), with(clientTls()), peer);
                runUntil(() -> thrower.isOver() && peer.isOver());
                assertThat(log.messages()).hasSize(1);
            }
            assertThat(failures).containsExactly(thrown);
            failures.clear();
            assertThat(thrower.cause).isEqualTo(call == CLOSED ? null : thrown);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void pendingBytesArriveInOrder(String version) throws IOException {
        open(version);
        client.connection.pauseReading();
        ByteBuffer[] sources = {ByteBuffer.allocate(70_001), bytes(""), ByteBuffer.allocate(17)};
        int total = 0;
        while (server.connection.isWritable()) {
            for (ByteBuffer source : sources) {
                source.clear();
                while (source.hasRemaining()) {
                    source.put((byte) (total++ % 251));
                }
                source.flip();
            }
            server.connection.write(sources, 0, 3);
        }
        assertThat(client.has(RECEIVED)).isFalse();
        client.connection.resumeReading();
        int expected = total;
        runUntil(() -> client.received.length() == expected);
        for (int i = 0; i < expected; i++) {
            assertThat(client.received.charAt(i)).isEqualTo((char) (i % 251));
        }
        assertThat(server.has(WRITABLE)).isTrue();
    }

    @Test
    void pauseInCallbackKeepsLaterRecords() throws IOException {
        open(TLS_1_3);
        server.on(RECEIVED, Connection::pauseReading);
        for (int i = 0; i < 10; i++) {
            client.connection.write(bytes("" + i));
        }
        client.connection.close();
        for (int calls = 1; calls <= 10; calls++) {
            int expected = calls;
            runUntil(() -> server.count(RECEIVED) == expected);
            int[] turns = new int[1];
            runUntil(() -> turns[0]++ > 3);
            assertThat(server.count(RECEIVED)).isEqualTo(calls);
            assertThat(server.has(INPUT_CLOSED)).isFalse();
            server.connection.resumeReading();
        }
        assertThat(server.received).hasToString("0123456789");
        runUntilBothClosed();
        assertThat(server.cause).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void handshakeTasksRunOnAnExecutor(String version) throws IOException {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            begin(
                    clientTls().taskExecutor(executor).parameters(version(version)),
                    serverTls().taskExecutor(executor));
            client.on(OPENED, connection -> connection.write(bytes("ping")));
            server.on(RECEIVED, connection -> connection.write(bytes("pong")));
            runUntil(() -> client.received.length() == 4);
            client.connection.close();
            runUntilBothClosed();
            assertThat(client.cause).isNull();
            assertThat(server.cause).isNull();
        } finally {
            executor.shutdown();
        }
    }

    @Test
    void executorThatRejectsFailsTheHandshake() throws IOException {
        begin(
                clientTls(),
                serverTls()
                        .taskExecutor(
                                task -> {
                                    throw new RejectedExecutionException("full");
                                }));
        runUntilBothOver();
        assertThat(server.openFailure)
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("executor");
        assertThat(client.openFailure).isInstanceOf(SSLException.class);
    }

    /** The executor makes no difference. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void errorOfTaskPropagatesAndEndsTheHandshake(boolean elsewhere) throws Exception {
        AssertionError error = new AssertionError("thrown by the test");
        X509TrustManager failing =
                new X509TrustManager() {
                    @Override
                    public void checkClientTrusted(X509Certificate[] chain, String type) {}

                    @Override
                    public void checkServerTrusted(X509Certificate[] chain, String type) {
                        throw error;
                    }

                    @Override
                    public X509Certificate[] getAcceptedIssuers() {
                        return new X509Certificate[0];
                    }
                };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {failing}, null);
        TlsOptions.Builder clientTls = TlsOptions.client(context, "one.example", 443);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            begin(elsewhere ? clientTls.taskExecutor(executor) : clientTls, serverTls());
            assertThatThrownBy(() -> runUntil(client::isOver)).isSameAs(error);
            runUntilBothOver();
        } finally {
            executor.shutdown();
        }
        assertThat(client.openFailure).hasMessageContaining("handshake").hasCause(error);
    }

    @ParameterizedTest
    @ValueSource(strings = {"close", "abort", "shutdownOutput", "close the loop"})
    void taskThatFinishesAfterItsConnectionHasNoEffect(String end) throws IOException {
        List<Runnable> tasks = new ArrayList<>();
        List<Connection> accepted = new ArrayList<>();
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        listener.register(
                channel -> accepted.add(Connection.open(channel, with(serverTls()), server)));
        TcpChannel channel = TcpChannel.connect(loop, listener.getLocalAddress());
        runUntil(channel::finishConnect);
        ConnectionOptions options = with(clientTls().taskExecutor(tasks::add));
        Connection connection = Connection.open(channel, options, client);
        runUntil(() -> !tasks.isEmpty());
        switch (end) {
            case "close" -> connection.close();
            case "abort" -> connection.abort();
            case "shutdownOutput" -> connection.shutdownOutput();
            default -> loop.close();
        }
        tasks.remove(0).run();
        if (loop.isOpen()) {
            runUntilBothOver();
        }
        connection.close();
        accepted.forEach(Connection::close);
        assertThat(tasks).isEmpty();
        assertThat(client.openFailure)
                .hasMessageContaining(
                        loop.isOpen() ? "closed before its handshake" : "its loop was closed");
        assertThat(client.calls).isEmpty();
    }

    /** The loop is delayed, not the client. */
    @Test
    void bytesBeforeHandshakeDeadlineCountAfterLoopDelay() throws IOException {
        Duration limit = Duration.ofMillis(300);
        TcpChannel[] ends = connection();
        Connection.open(ends[0], with(serverTls().handshakeTimeout(limit)), server);
        Connection.open(ends[1], with(clientTls()), client);
        boolean[] heldUp = new boolean[1];
        loop.beforePoll(
                () -> {
                    long start = System.nanoTime();
                    while (!heldUp[0] && System.nanoTime() - start < 2 * limit.toNanos()) {
                        Thread.onSpinWait();
                    }
                    heldUp[0] = true;
                });
        runUntil(() -> server.isOpened() || server.openFailure != null);
        assertThat(server.openFailure).isNull();
        runUntil(client::isOpened);
    }

    @Test
    void connectionIsNotWritableBeforeOpened() throws IOException {
        var address = serve(with(serverTls()), () -> server);
        TcpChannel channel = TcpChannel.connect(loop, address);
        runUntil(channel::finishConnect);
        Connection connection = Connection.open(channel, with(clientTls()), client);
        assertThat(connection.isWritable()).isFalse();
        assertThat(connection.sslSession()).isNull();
        assertThat(connection.applicationProtocol()).isEmpty();
        connection.close();
        runUntilBothOver();
        assertThat(client.openFailure).hasMessageContaining("closed before its handshake");
    }

    @Test
    void shutdownOutputDuringHandshakeEndsTheConnection() throws IOException {
        var address = serve(with(serverTls()), () -> server);
        TcpChannel channel = TcpChannel.connect(loop, address);
        runUntil(channel::finishConnect);
        Connection connection = Connection.open(channel, with(clientTls()), client);
        connection.shutdownOutput();
        assertThat(connection.isOpen()).isFalse();
        runUntilBothOver();
        assertThat(client.openFailure).hasMessageContaining("closed before its handshake");
        assertThat(server.openFailure).isInstanceOf(SSLException.class);
    }

    @Test
    void optionsThatNoEngineSupportsAreRejected() throws GeneralSecurityException {
        TlsOptions.Builder unknown = serverTls().parameters(version("TLSv9"));
        assertThatThrownBy(unknown::build).isInstanceOf(IllegalArgumentException.class);
        TlsOptions.Builder early = TlsOptions.server(SSLContext.getInstance("TLS"));
        assertThatThrownBy(early::build).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void pauseDuringHandshakeTakesEffectAfterIt() throws IOException {
        server.on(OPENED, connection -> connection.write(bytes("x")));
        var address = serve(with(serverTls()), () -> server);
        TcpChannel channel = TcpChannel.connect(loop, address);
        runUntil(channel::finishConnect);
        Connection connection = Connection.open(channel, with(clientTls()), client);
        connection.pauseReading();
        runUntil(() -> client.isOpened() && server.isOpened());
        int[] turns = new int[1];
        runUntil(() -> turns[0]++ > 5);
        assertThat(client.has(RECEIVED)).isFalse();
        connection.resumeReading();
        runUntil(() -> client.has(RECEIVED));
    }
}
