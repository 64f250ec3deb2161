package io.uloop.cookbook;

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
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Objects;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Greets each client by the name in its certificate, in the protocol that both know. */
final class MutualTls implements ConnectionHandler {
    private MutualTls() {}

    public static void main(String[] arguments) throws IOException, GeneralSecurityException {
        int port = Integer.getInteger("port", 7443);
        File keys = new File(System.getProperty("keys", "server.p12"));
        File trusted = new File(System.getProperty("trusted", "clients.p12"));
        char[] password = System.getProperty("password", "password").toCharArray();
        TlsOptions tls =
                TlsOptions.server(context(keys, trusted, password))
                        .parameters(
                                each -> {
                                    each.setNeedClientAuth(true);
                                    each.setApplicationProtocols(new String[] {"greet/2", "greet"});
                                })
                        .build();
        ConnectionOptions options = ConnectionOptions.builder().tls(tls).build();
        try (Uloop loop = Uloop.open();
                TcpListener listener =
                        TcpListener.open(loop, new InetSocketAddress("localhost", port))) {
            listener.register(Connection.acceptor(options, MutualTls::new));
            System.out.println("listening on " + listener.getLocalAddress());
            loop.run();
        }
    }

    /** Loads the server's key, and the certificates by which it knows its clients. */
    private static SSLContext context(File keys, File trusted, char[] password)
            throws IOException, GeneralSecurityException {
        KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
        own.init(KeyStore.getInstance(keys, password), password);
        TrustManagerFactory clients = TrustManagerFactory.getInstance("PKIX");
        clients.init(KeyStore.getInstance(trusted, password));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), clients.getTrustManagers(), null);
        return context;
    }

    /** Called after the handshake, so only for clients whose certificate is trusted. */
    @Override
    public void opened(Connection connection) throws IOException {
        var session = Objects.requireNonNull(connection.sslSession());
        String client = session.getPeerPrincipal().getName();
        String greeting = connection.applicationProtocol() + ": hello, " + client + "\n";
        connection.write(ByteBuffer.wrap(greeting.getBytes(StandardCharsets.UTF_8)));
        connection.close();
    }

    @Override
    public void received(Connection connection, ByteBuffer data) {}
}
