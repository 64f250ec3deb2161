package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.connection.Connector;
import io.uloop.connection.TlsOptions;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Says hello to {@code TlsServer} and prints its answer. */
final class TlsClient implements ConnectionHandler {
    private TlsClient() {}

    public static void main(String[] arguments) throws IOException, GeneralSecurityException {
        String host = System.getProperty("host", "localhost");
        int port = Integer.getInteger("port", 7443);
        File trusted = new File(System.getProperty("trusted", "echo.p12"));
        String password = System.getProperty("password", "password");
        SSLContext context = context(trusted, password.toCharArray());
        ConnectionOptions options =
                ConnectionOptions.builder()
                        .tls(TlsOptions.client(context, host, port).build())
                        .build();
        try (Uloop loop = Uloop.open()) {
            var addresses =
                    Stream.of(InetAddress.getAllByName(host)) // blocks, so not on a running loop
                            .map(address -> new InetSocketAddress(address, port))
                            .toList();
            Connector.connect(loop, addresses, options, new TlsClient());
            loop.runUntilIdle(); // returns when the connection has ended
        }
    }

    /** Loads the certificates that the client trusts, instead of those of the JDK. */
    private static SSLContext context(File trusted, char[] password)
            throws IOException, GeneralSecurityException {
        TrustManagerFactory managers =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(KeyStore.getInstance(trusted, password));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    @Override
    public void opened(Connection connection) {
        connection.write(ByteBuffer.wrap("hello\n".getBytes(StandardCharsets.UTF_8)));
        connection.shutdownOutput();
    }

    @Override
    public void received(Connection connection, ByteBuffer data) {
        System.out.print(StandardCharsets.UTF_8.decode(data));
    }

    @Override
    public void closed(Connection connection, @Nullable Throwable cause) {
        System.out.println(cause == null ? "closed" : "lost: " + cause);
    }
}
