package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.CLOSED;
import static io.uloop.connection.RecordingHandler.Call.OPENED;
import static io.uloop.connection.RecordingHandler.Call.RECEIVED;
import static io.uloop.connection.RecordingHandler.Call.SECURED;
import static io.uloop.connection.RecordingHandler.Call.WRITABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.net.TcpChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that start plain and continue with TLS. */
class StartTlsTest extends EachTlsConnection {
    private static final int LARGE = 4 << 20;

    private TlsOptions serverOptions = serverTls().build();
    private final TlsOptions clientOptions = clientTls().build();

    /** Understands lines. The line STARTTLS is answered and starts TLS. */
    private final class Mail extends RecordingHandler {
        private final StringBuilder line = new StringBuilder();

        @Override
        public void received(Connection by, ByteBuffer data) throws Exception {
            while (data.hasRemaining() && by.isOpen()) {
                char next = (char) data.get();
                line.append(next);
                if (next == '\n') {
                    String said = line.toString().strip();
                    line.setLength(0);
                    received.append(said).append(';');
                    answer(by, said, data);
                }
            }
        }

        private void answer(Connection by, String said, ByteBuffer rest) {
            switch (said.split(" ", -1)[0]) {
                case "EHLO" -> by.write(bytes("250-mail.example\r\n250 STARTTLS\r\n"));
                case "STARTTLS" -> {
                    by.write(bytes("220 go\r\n"));
                    by.startTls(serverOptions, rest);
                }
                default -> by.write(bytes("250 " + said + "\r\n"));
            }
        }
    }

    private void openPlain() throws IOException {
        server = new Mail();
        open();
    }

    /** Starts TLS on the client once the server has agreed. */
    private void startTls() throws IOException {
        client.connection.write(bytes("STARTTLS\n"));
        runUntil(() -> client.received.toString().equals("220 go\r\n"));
        client.received.setLength(0);
        client.connection.startTls(clientOptions, ByteBuffer.allocate(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void plainConnectionContinuesWithTls(String version) throws IOException {
        serverOptions = serverTls().parameters(version(version)).build();
        openPlain();
        assertThat(client.connection.sslSession()).isNull();
        startTls();
        assertThat(client.connection.isWritable()).isFalse();
        runUntil(() -> client.has(SECURED) && server.has(SECURED));
        assertThat(client.connection.sslSession().getProtocol()).isEqualTo(version);
        assertThat(server.connection.sslSession().getProtocol()).isEqualTo(version);
        client.connection.write(bytes("hello\n"));
        runUntil(() -> client.received.toString().equals("250 hello\r\n"));
        client.connection.close();
        runUntilBothClosed();
        assertThat(client.cause).isNull();
        assertThat(server.cause).isNull();
        assertThat(server.received).hasToString("STARTTLS;hello;");
        assertThat(client.calls).startsWith(OPENED, RECEIVED, SECURED, WRITABLE);
        assertThat(loop.toString()).contains("timers=0", "descriptors=1");
    }

    /** The client does not wait for an answer, so the server reads both at once. */
    @Test
    void bytesOfTheHandshakeThatWereReadAlreadyAreUsed() throws IOException {
        List<Integer> rests = new ArrayList<>();
        server =
                new RecordingHandler() {
                    @Override
                    public void received(Connection by, ByteBuffer data) throws Exception {
                        if (!has(SECURED)) {
                            data.position(data.position() + "STARTTLS\n".length());
                            rests.add(data.remaining());
                            by.startTls(serverOptions, data);
                            assertThat(data.hasRemaining()).isFalse();
                        } else {
                            super.received(by, data);
                        }
                    }
                };
        open();
        server.connection.pauseReading();
        client.connection.write(bytes("STARTTLS\n"));
        client.connection.startTls(clientOptions, ByteBuffer.allocate(0));
        client.connection.write(bytes("secret"));
        int[] turns = new int[1];
        runUntil(() -> turns[0]++ > 5);
        server.connection.resumeReading();
        runUntil(() -> server.received.toString().equals("secret"));
        assertThat(rests).singleElement().isNotEqualTo(0);
    }

    @Test
    void writesDuringTheHandshakeAreSentAfterIt() throws IOException {
        openPlain();
        startTls();
        List<Throwable> results = new ArrayList<>();
        client.connection.write(bytes("early\n"), failure -> results.add(failure));
        assertThat(client.connection.pendingBytes()).isEqualTo(6);
        runUntil(() -> client.received.toString().equals("250 early\r\n"));
        assertThat(results).containsOnlyNulls().hasSize(1);
    }

    @Test
    void pendingPlainBytesComeFirst() throws IOException {
        byte[] text = "x".repeat(LARGE).getBytes(StandardCharsets.US_ASCII);
        server.on(
                RECEIVED,
                by -> {
                    if (server.count(RECEIVED) == 1) {
                        by.write(ByteBuffer.wrap(text));
                        by.startTls(serverOptions, ByteBuffer.allocate(0));
                    }
                });
        open();
        client.connection.pauseReading();
        client.connection.write(bytes("STARTTLS\n"));
        runUntil(() -> server.has(RECEIVED));
        assertThat(server.connection.isWritable()).isFalse();
        client.on(
                RECEIVED,
                by -> {
                    if (client.received.length() == LARGE) {
                        by.startTls(clientOptions, ByteBuffer.allocate(0));
                    }
                });
        client.connection.resumeReading();
        runUntil(() -> client.has(SECURED) && server.has(WRITABLE));
        assertThat(server.calls).startsWith(OPENED, RECEIVED, SECURED, WRITABLE);
        server.connection.write(bytes("secret"));
        runUntil(() -> client.received.length() == LARGE + 6);
    }

    @Test
    void bytesWrittenDuringTheHandshakeWaitForItAlthoughPlainBytesDrain() throws IOException {
        server.on(
                RECEIVED,
                by -> {
                    if (server.count(RECEIVED) == 1) {
                        by.write(ByteBuffer.allocate(LARGE));
                        by.startTls(serverOptions, ByteBuffer.allocate(0));
                        by.write(bytes("secret"));
                    }
                });
        open();
        client.on(
                RECEIVED,
                by -> {
                    if (client.received.length() == LARGE) {
                        by.startTls(clientOptions, ByteBuffer.allocate(0));
                    }
                });
        client.connection.write(bytes("STARTTLS\n"));
        runUntil(() -> client.received.length() == LARGE + 6);
        assertThat(client.received).endsWith("secret");
    }

    @Test
    void plainBytesThatAreLostDuringTheHandshakeFailTheFlush() throws IOException {
        server = new Mail();
        openToServer();
        List<Throwable> results = new ArrayList<>();
        while (server.connection.pendingBytes() == 0) { // some kernels take many megabytes
            server.connection.write(ByteBuffer.allocate(LARGE));
        }
        server.connection.startTls(serverOptions, ByteBuffer.allocate(0));
        server.connection.whenSent(failure -> results.add(failure));
        server.connection.abort();
        runUntil(server::isClosed);
        assertThat(results).singleElement().isInstanceOf(ClosedChannelException.class);
    }

    /** Injected commands must not be taken for encrypted ones (CVE-2011-0411). */
    @Test
    void plainCommandBehindStartTlsIsNotTakenForAnEncryptedOne() throws IOException {
        server = new Mail();
        TcpChannel peer = openToServer();
        peer.write(bytes("STARTTLS\nRCPT TO:<thief>\n"));
        runUntil(server::isClosed);
        assertThat(server.cause).isInstanceOf(SSLException.class);
        assertThat(server.received).hasToString("STARTTLS;");
    }

    private TcpChannel openToServer() throws IOException {
        return openToChannel(ConnectionOptions.DEFAULTS);
    }

    @Test
    void failedHandshakeEndsTheConnectionWithItsCause() throws IOException {
        server = new Mail();
        open();
        client.connection.write(bytes("STARTTLS\n"));
        runUntil(() -> client.received.length() == 8);
        client.connection.startTls(
                TlsOptions.client(identity.stranger, "one.example", 443).build(),
                ByteBuffer.allocate(0));
        runUntilBothClosed();
        assertThat(client.cause).isInstanceOf(SSLException.class);
        assertThat(client.openFailure).isNull();
        assertThat(client.calls).endsWith(CLOSED).doesNotContain(SECURED);
        assertThat(server.calls).endsWith(CLOSED).doesNotContain(SECURED);
    }

    @Test
    void handshakeTimesOut() throws IOException {
        serverOptions = serverTls().handshakeTimeout(Duration.ofMillis(50)).build();
        server = new Mail();
        TcpChannel peer = openToServer();
        peer.write(bytes("STARTTLS\n"));
        runUntil(server::isClosed);
        assertThat(server.cause)
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("handshake");
    }

    @Test
    void closeDuringTheHandshakeIsOrderly() throws IOException {
        server = new Mail();
        TcpChannel peer = openToServer();
        peer.write(bytes("STARTTLS\n"));
        runUntil(() -> server.received.length() > 0);
        server.connection.close();
        ByteBuffer answer = ByteBuffer.allocate(100);
        runUntil(() -> peer.read(answer) < 0);
        assertThat(text(answer)).isEqualTo("220 go\r\n");
        peer.close();
        runUntil(server::isClosed);
        assertThat(server.cause).isNull();
        assertThat(server.calls).containsExactly(OPENED, CLOSED);
    }

    @Test
    void callsInOtherStates() throws IOException {
        openPlain();
        ByteBuffer none = ByteBuffer.allocate(0);
        startTls();
        assertThatThrownBy(() -> client.connection.startTls(clientOptions, none))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("cannot start TLS on TlsConnection[fd=");
        runUntil(() -> client.has(SECURED));
        client.connection.abort();
        runUntilBothClosed();
    }

    @Test
    void startAfterTheEndDoesNothing() throws IOException {
        openPlain();
        client.connection.abort();
        client.connection.startTls(clientOptions, ByteBuffer.allocate(0));
        runUntilBothClosed();
        assertThat(client.cause).isNull();
        client.connection.startTls(clientOptions, ByteBuffer.allocate(0));
    }

    @Test
    void startAfterHalfCloseFails() throws IOException {
        openPlain();
        client.connection.shutdownOutput();
        client.connection.startTls(clientOptions, ByteBuffer.allocate(0));
        runUntilBothClosed();
        assertThat(client.cause)
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("one direction has ended");
    }

    @Test
    void opensslClientStartsTlsBySmtp() throws IOException {
        String reason = OpenSsl.unavailability();
        assumeTrue(reason == null, reason);
        server = new Mail();
        server.on(OPENED, by -> by.write(bytes("220 mail.example ESMTP\r\n")));
        InetSocketAddress address = serve(ConnectionOptions.DEFAULTS, () -> server);
        OpenSsl openssl =
                closing(
                        new OpenSsl(
                                "s_client",
                                "-connect",
                                "127.0.0.1:" + address.getPort(),
                                "-starttls",
                                "smtp",
                                "-servername",
                                "one.example",
                                "-verify_return_error",
                                "-CAfile",
                                identity.certificate.toString()));
        runUntil(() -> server.has(SECURED));
        openssl.type("hello\n");
        runUntil(() -> openssl.output().contains("250 hello"));
        assertThat(openssl.output()).contains("Verification: OK");
        assertThat(server.received.toString()).startsWith("EHLO").contains("STARTTLS;hello;");
        openssl.type("Q\n");
        runUntil(server::isClosed);
        assertThat(server.cause).isNull();
    }
}
