package io.uloop.cookbook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.tck.KeyStores;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Random;
import javax.net.SocketFactory;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts the servers that speak TLS, and asks them by sockets of the JDK. */
class TlsRecipesTest {
    @TempDir static Path folder;

    private static Path keys;

    @BeforeAll
    static void createKeys() throws Exception {
        keys = KeyStores.create(folder.resolve("server.p12"), "password");
    }

    /** Returns sockets of a client that trusts the server, and knows its own name if wanted. */
    private static SocketFactory sockets(boolean hasKey) throws Exception {
        char[] password = "password".toCharArray();
        KeyStore store = KeyStore.getInstance(keys.toFile(), password);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
        own.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                hasKey ? own.getKeyManagers() : new KeyManager[0], trust.getTrustManagers(), null);
        return context.getSocketFactory();
    }

    private static String greeting(Server server, boolean hasKey, String... protocols)
            throws Exception {
        try (SSLSocket client = (SSLSocket) server.connect(sockets(hasKey))) {
            SSLParameters parameters = client.getSSLParameters();
            parameters.setApplicationProtocols(protocols);
            client.setSSLParameters(parameters);
            return new String(client.getInputStream().readAllBytes(), UTF_8);
        }
    }

    @Test
    void clientIsGreetedByTheNameInItsCertificate() throws Exception {
        try (Server server = new Server(MutualTls.class, "-Dkeys=" + keys, "-Dtrusted=" + keys)) {
            assertThat(greeting(server, true, "greet")).isEqualTo("greet: hello, CN=localhost\n");
            assertThat(greeting(server, true, "greet", "greet/2")).startsWith("greet/2: ");
            assertThatThrownBy(() -> greeting(server, false, "greet"))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> greeting(server, true, "other"))
                    .isInstanceOf(IOException.class);
            assertThat(greeting(server, true, "greet/2")).startsWith("greet/2: ");
        }
    }

    @Test
    void tlsChannelEchoesOnAChannelOfTheLoop() throws Exception {
        try (Server server = new Server(TlsOnChannel.class, "-Dkeys=" + keys);
                SSLSocket client = (SSLSocket) server.connect(sockets(false))) {
            byte[] sent = new byte[1 << 20];
            new Random(7).nextBytes(sent);
            Thread writer = new Thread(() -> write(client, sent));
            writer.start();
            assertThat(client.getInputStream().readNBytes(sent.length)).isEqualTo(sent);
            writer.join();
        }
    }

    private static void write(SSLSocket client, byte[] bytes) {
        try {
            client.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
