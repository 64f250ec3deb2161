package io.uloop.connection;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLParameters;

/** Fixture for TLS connections over loopback. */
class EachTlsConnection extends EachConnection {
    static final String TLS_1_2 = "TLSv1.2";
    static final String TLS_1_3 = "TLSv1.3";

    final TlsIdentity identity = TlsIdentity.get();

    static Consumer<SSLParameters> version(String version) {
        return parameters -> parameters.setProtocols(new String[] {version});
    }

    TlsOptions.Builder serverTls() {
        return TlsOptions.server(identity.context);
    }

    TlsOptions.Builder clientTls() {
        return TlsOptions.client(identity.context, "one.example", 443);
    }

    static ConnectionOptions with(TlsOptions.Builder tls) {
        return ConnectionOptions.builder().tls(tls.build()).build();
    }

    /** Connects without waiting for the result. */
    void begin(TlsOptions.Builder clientTls, TlsOptions.Builder serverTls) throws IOException {
        InetSocketAddress address = serve(with(serverTls), () -> server);
        Connector.connect(loop, List.of(address), with(clientTls), client);
    }

    /** Opens a connection of a TLS version between {@link #client} and {@link #server}. */
    void open(String version) throws IOException {
        begin(clientTls().parameters(version(version)), serverTls());
        runUntil(() -> client.isOpened() && server.isOpened());
    }

    void runUntilBothOver() throws IOException {
        runUntil(() -> client.isOver() && server.isOver());
    }
}
