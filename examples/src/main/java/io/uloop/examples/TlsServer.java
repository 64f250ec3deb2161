package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.connection.TlsOptions;
import io.uloop.net.TcpListener;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * An echo server over TLS. Create its key and try it:
 *
 * <pre>
 * keytool -genkeypair -keyalg EC -alias echo -dname CN=localhost -ext san=dns:localhost \
 *     -keystore echo.p12 -storepass password
 * openssl s_client -quiet -connect localhost:7443
 * </pre>
 */
final class TlsServer implements ConnectionHandler {
    private TlsServer() {}

    public static void main(String[] arguments) throws IOException, GeneralSecurityException {
        int port = Integer.getInteger("port", 7443);
        File keys = new File(System.getProperty("keys", "echo.p12"));
        String password = System.getProperty("password", "password");
        ConnectionOptions options =
                ConnectionOptions.builder()
                        .tls(TlsOptions.server(context(keys, password.toCharArray())).build())
                        .build();
        TlsServer echo = new TlsServer();
        try (Uloop loop = Uloop.open();
                TcpListener listener =
                        TcpListener.open(loop, new InetSocketAddress("localhost", port))) {
            listener.register(Connection.acceptor(options, () -> echo));
            System.out.println("listening on " + listener.getLocalAddress());
            loop.run();
        }
    }

    /** Loads the key and the certificate that the server presents. */
    private static SSLContext context(File keys, char[] password)
            throws IOException, GeneralSecurityException {
        KeyManagerFactory managers =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(KeyStore.getInstance(keys, password), password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    @Override
    public void received(Connection connection, ByteBuffer data) {
        if (!connection.write(data)) {
            connection.pauseReading(); // the client sends faster than it reads
        }
    }

    @Override
    public void writable(Connection connection) {
        connection.resumeReading();
    }
}
