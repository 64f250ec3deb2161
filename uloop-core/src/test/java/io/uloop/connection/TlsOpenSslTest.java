package io.uloop.connection;

import static io.uloop.connection.RecordingHandler.Call.INPUT_CLOSED;
import static io.uloop.connection.RecordingHandler.Call.OPENED;
import static io.uloop.connection.RecordingHandler.Call.RECEIVED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS against another implementation: openssl as client and server. */
class TlsOpenSslTest extends EachTlsConnection {
    @BeforeEach
    void requireOpenssl() {
        String reason = OpenSsl.unavailability();
        assumeTrue(reason == null, reason);
    }

    private static String option(String version) {
        return version.equals(TLS_1_2) ? "-tls1_2" : "-tls1_3";
    }

    /** An openssl client of {@link #server}. */
    private OpenSsl openClient(String... more) throws IOException {
        InetSocketAddress address =
                serve(
                        with(
                                serverTls()
                                        .parameters(
                                                chosen ->
                                                        chosen.setApplicationProtocols(
                                                                new String[] {"http/1.1"}))),
                        () -> server);
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("s_client", "-connect", "127.0.0.1:" + address.getPort()));
        arguments.addAll(List.of("-servername", "one.example", "-verify_return_error"));
        arguments.addAll(List.of("-CAfile", identity.certificate.toString()));
        arguments.addAll(List.of(more));
        return closing(new OpenSsl(arguments.toArray(new String[0])));
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void opensslClientIsServed(String version) throws IOException {
        server.on(RECEIVED, connection -> connection.write(bytes("echo:" + server.received)));
        OpenSsl openssl = openClient(option(version), "-alpn", "h2,http/1.1");
        runUntil(server::isOpened);
        assertThat(server.connection.sslSession().getProtocol()).isEqualTo(version);
        assertThat(server.connection.applicationProtocol()).isEqualTo("http/1.1");
        openssl.type("hello\n");
        runUntil(() -> openssl.output().contains("echo:hello"));
        assertThat(openssl.output()).contains("ALPN protocol: http/1.1", "Verification: OK");
        openssl.type("Q\n"); // sends a close_notify
        runUntil(server::isClosed);
        assertThat(server.has(INPUT_CLOSED)).isTrue();
        assertThat(server.cause).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void opensslClientThatDoesNotTrustTheServerIsNamed(String version) throws IOException {
        InetSocketAddress address = serve(with(serverTls()), () -> server);
        String target = "127.0.0.1:" + address.getPort();
        closing(
                new OpenSsl(
                        "s_client", "-connect", target, option(version), "-verify_return_error"));
        runUntil(() -> server.openFailure != null);
        assertThat(server.openFailure)
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("unknown_ca");
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void closeEndsOpensslClientInOrder(String version) throws IOException {
        server.on(RECEIVED, Connection::close);
        OpenSsl openssl = openClient(option(version));
        runUntil(server::isOpened);
        openssl.type("hello\n");
        runUntil(() -> server.isClosed() && openssl.isOver());
        assertThat(server.cause).isNull();
        assertThat(openssl.output()).contains("closed").doesNotContain("unexpected eof");
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void opensslClientThatDiesTruncatesTheStream(String version) throws IOException {
        OpenSsl openssl = openClient(option(version));
        runUntil(server::isOpened);
        openssl.kill();
        runUntil(server::isClosed);
        assertThat(server.has(INPUT_CLOSED)).isFalse();
        assertCutOff(server.cause);
    }

    @Test
    void renegotiationByClientIsRefused() throws IOException {
        OpenSsl openssl = openClient("-tls1_2");
        runUntil(() -> server.isOpened() && openssl.output().contains("Verify return code"));
        openssl.type("R\n");
        runUntil(() -> server.isClosed() && openssl.isOver());
        assertThat(server.cause)
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("renegotiate");
        assertThat(openssl.output()).contains("RENEGOTIATING");
    }

    @Test
    void keyUpdateOfClientIsAnswered() throws IOException {
        server.on(RECEIVED, connection -> connection.write(bytes("echo:" + server.received)));
        OpenSsl openssl = openClient("-tls1_3");
        runUntil(() -> server.isOpened() && openssl.output().contains("Verify return code"));
        openssl.type("K\n");
        runUntil(() -> openssl.output().contains("KEYUPDATE"));
        openssl.type("still here\n");
        runUntil(() -> openssl.output().contains("echo:still here"));
        assertThat(server.isClosed()).isFalse();
    }

    /** Returns the port of an openssl server once it listens. */
    private InetSocketAddress openServer(String version, String... more) throws IOException {
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("s_server", "-accept", "127.0.0.1:0", option(version)));
        arguments.addAll(List.of("-cert", identity.certificate.toString()));
        arguments.addAll(List.of("-key", identity.key.toString()));
        arguments.addAll(List.of(more));
        openssl = closing(new OpenSsl(arguments.toArray(new String[0])));
        Matcher[] port = new Matcher[1];
        runUntil(
                () -> {
                    port[0] = Pattern.compile("ACCEPT .*:(\\d+)").matcher(openssl.output());
                    return port[0].find();
                });
        return new InetSocketAddress(
                InetAddress.getLoopbackAddress(), Integer.parseInt(port[0].group(1)));
    }

    private OpenSsl openssl;

    private void connect(InetSocketAddress address, String version) {
        TlsOptions.Builder tls =
                clientTls()
                        .parameters(
                                chosen -> {
                                    chosen.setProtocols(new String[] {version});
                                    chosen.setApplicationProtocols(new String[] {"h2", "x"});
                                });
        Connector.connect(loop, List.of(address), with(tls), client);
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void opensslServerAnswers(String version) throws IOException {
        // The server answers each line with its reverse.
        InetSocketAddress address = openServer(version, "-rev", "-alpn", "x");
        client.on(OPENED, connection -> connection.write(bytes("hello\n")));
        connect(address, version);
        runUntil(() -> client.received.toString().contains("olleh"));
        assertThat(client.connection.sslSession().getProtocol()).isEqualTo(version);
        assertThat(client.connection.applicationProtocol()).isEqualTo("x");
        client.connection.close();
        runUntil(client::isClosed);
        assertThat(client.cause).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void opensslServerEndsTheStreamInOrder(String version) throws IOException {
        InetSocketAddress address = openServer(version, "-rev");
        client.on(
                OPENED, connection -> connection.write(bytes("CLOSE\n"))); // a command of s_server
        connect(address, version);
        runUntil(client::isClosed);
        assertThat(client.cause).isNull();
        assertThat(client.has(INPUT_CLOSED)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void opensslServerGetsTheServerName(String version) throws IOException {
        connect(openServer(version, named("one.example")), version);
        runUntil(client::isOpened);
        runUntil(() -> openssl.output().contains("one.example"));
        client.connection.abort();
        runUntil(client::isClosed);
    }

    @Test
    void opensslServerWithAnotherNameRefuses() throws IOException {
        connect(openServer(TLS_1_3, named("two.example")), TLS_1_3);
        runUntil(client::isOver);
        assertThat(client.openFailure)
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("unrecognized_name");
    }

    /** Starts a server for exactly one name. */
    private String[] named(String name) {
        String certificate = identity.certificate.toString();
        String key = identity.key.toString();
        return new String[] {
            "-servername", name, "-servername_fatal", "-cert2", certificate, "-key2", key
        };
    }

    @Test
    void renegotiationByServerIsRefused() throws IOException {
        connect(openServer(TLS_1_2), TLS_1_2);
        runUntil(() -> client.isOpened() && openssl.output().contains("CIPHER"));
        openssl.type("r\n");
        runUntil(client::isClosed);
        assertThat(client.cause)
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("renegotiate");
    }

    @Test
    void serverThatDiesTruncatesTheStream() throws IOException {
        connect(openServer(TLS_1_3), TLS_1_3);
        runUntil(() -> client.isOpened() && openssl.output().contains("CIPHER"));
        openssl.kill();
        runUntil(client::isClosed);
        assertCutOff(client.cause);
    }

    /** A process that dies with bytes unread resets the connection. */
    private static void assertCutOff(Throwable cause) {
        assertThat(cause)
                .isInstanceOf(IOException.class)
                .message()
                .containsPattern("without a close_notify|ECONNRESET");
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void longAnswerOfOpensslServerArrives(String version) throws IOException {
        InetSocketAddress address = openServer(version, "-rev");
        String line = "0123456789".repeat(1500);
        client.on(OPENED, connection -> connection.write(bytes(line + "\n")));
        connect(address, version);
        String reversed = new StringBuilder(line).reverse().toString();
        runUntil(() -> client.received.length() > line.length());
        assertThat(client.received.toString()).contains(reversed);
        client.connection.abort();
        runUntil(client::isClosed);
    }
}
