package io.uloop.connection;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * TLS options of a server or a client. Immutable, so any number of connections can share one
 * instance. The {@link SSLContext} decides the protocol versions: TLS 1.3 and 1.2 by default.
 * Thread-safe.
 *
 * <pre>{@code
 * TlsOptions tls = TlsOptions.server(context).handshakeTimeout(Duration.ofSeconds(5)).build();
 * ConnectionOptions options = ConnectionOptions.builder().tls(tls).build();
 * }</pre>
 *
 * <p>Renegotiation (TLS 1.2) is refused and ends the connection. Before TLS 1.3, one direction
 * cannot end alone. {@link Connection#shutdownOutput} makes the peer close, and nothing can be sent
 * after {@link ConnectionHandler#inputClosed}.
 *
 * @since 0.1
 */
public final class TlsOptions {
    private final SSLContext context;
    private final boolean client;
    private final @Nullable String peerHost;
    private final int peerPort;
    private final Consumer<SSLParameters> parameters;
    private final @Nullable Executor taskExecutor;
    private final Duration handshakeTimeout;

    private TlsOptions(Builder builder) {
        context = builder.context;
        client = builder.client;
        peerHost = builder.peerHost;
        peerPort = builder.peerPort;
        parameters = builder.parameters;
        taskExecutor = builder.taskExecutor;
        handshakeTimeout = builder.handshakeTimeout;
    }

    /**
     * Returns a builder of the options of a server.
     *
     * @param context holds its key and certificate
     * @return a builder with the defaults
     */
    public static Builder server(SSLContext context) {
        return new Builder(context, false, null, -1);
    }

    /**
     * Returns a builder of the options of a client. The client requests the server's name (SNI) and
     * checks that the certificate is valid for it.
     *
     * @param context holds the trusted certificates
     * @param peerHost the server's host name or literal address
     * @param peerPort the server's port; host and port together identify a session to resume
     * @return a builder with the defaults
     */
    public static Builder client(SSLContext context, String peerHost, int peerPort) {
        return new Builder(context, true, Objects.requireNonNull(peerHost, "peerHost"), peerPort);
    }

    /** {@return whether these are the options of a client} */
    public boolean isClient() {
        return client;
    }

    /** {@return a new engine with these options, which has not started its handshake} */
    public SSLEngine engine() {
        SSLEngine engine =
                peerHost == null
                        ? context.createSSLEngine()
                        : context.createSSLEngine(peerHost, peerPort);
        engine.setUseClientMode(client);
        SSLParameters chosen = engine.getSSLParameters();
        if (client) {
            chosen.setEndpointIdentificationAlgorithm("HTTPS");
        }
        parameters.accept(chosen);
        engine.setSSLParameters(chosen);
        return engine;
    }

    /** {@return the executor of handshake tasks; null for the thread of the connection} */
    public @Nullable Executor taskExecutor() {
        return taskExecutor;
    }

    /** {@return the timeout of the handshake; zero for none} */
    public Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    /** Builds TLS options. Not thread-safe. */
    public static final class Builder {
        private final SSLContext context;
        private final boolean client;
        private final @Nullable String peerHost;
        private final int peerPort;
        private Consumer<SSLParameters> parameters = chosen -> {};
        private @Nullable Executor taskExecutor;
        private Duration handshakeTimeout = Duration.ofSeconds(10);

        private Builder(
                SSLContext context, boolean client, @Nullable String peerHost, int peerPort) {
            this.context = Objects.requireNonNull(context, "context");
            this.client = client;
            this.peerHost = peerHost;
            this.peerPort = peerPort;
        }

        /**
         * Sets protocol versions, cipher suites, ALPN protocols, server names and their matchers,
         * and client authentication. For a client, also sets how the name in the certificate is
         * checked.
         *
         * @param choice changes the parameters of each connection on its loop's thread; {@link
         *     #build} also calls it once to validate the parameters
         * @return this
         */
        public Builder parameters(Consumer<SSLParameters> choice) {
            parameters = Objects.requireNonNull(choice, "choice");
            return this;
        }

        /**
         * Sets the executor of the expensive steps of a handshake, such as signatures. By default,
         * they run on the loop's thread.
         *
         * @param executor runs the steps; if it rejects one, the connection fails
         * @return this
         */
        public Builder taskExecutor(Executor executor) {
            taskExecutor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Sets the timeout of the handshake; 10 s by default.
         *
         * @param timeout the timeout; zero turns it off
         * @return this
         * @throws IllegalArgumentException if it is negative
         */
        public Builder handshakeTimeout(Duration timeout) {
            handshakeTimeout = ConnectionOptions.notNegative(timeout);
            return this;
        }

        /**
         * Builds the options and validates them with a trial engine.
         *
         * @return the options set so far
         * @throws IllegalArgumentException if a protocol, cipher suite or other parameter is not
         *     supported
         * @throws IllegalStateException if the context is not initialized
         */
        public TlsOptions build() {
            TlsOptions options = new TlsOptions(this);
            options.engine();
            return options;
        }
    }
}
