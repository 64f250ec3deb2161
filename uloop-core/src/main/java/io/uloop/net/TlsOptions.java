package io.uloop.net;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * How connections speak TLS, and as which side; may be shared by any number of them, on any
 * threads. What the context allows is spoken, TLS 1.3 and 1.2 by default.
 *
 * <p>A renegotiation (TLS 1.2) is refused: it ends the connection. Before TLS 1.3 the end of one
 * direction is the end of both: {@link Connection#shutdownOutput} makes the peer close, and after
 * {@link ConnectionHandler#inputClosed} nothing can be sent.
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
     * Starts to describe a server.
     *
     * @param context holds its key and certificate
     * @return a builder with the defaults
     */
    public static Builder server(SSLContext context) {
        return new Builder(context, false, null, -1);
    }

    /**
     * Starts to describe a client, which asks for the server's name (SNI) and checks that the
     * certificate is for it.
     *
     * @param context holds the certificates to trust
     * @param peerHost the server's name, or its address in letters
     * @param peerPort the server's port; with the name it finds a session to resume
     * @return a builder with the defaults
     */
    public static Builder client(SSLContext context, String peerHost, int peerPort) {
        return new Builder(context, true, Objects.requireNonNull(peerHost, "peerHost"), peerPort);
    }

    boolean isClient() {
        return client;
    }

    /** A new engine as described. */
    SSLEngine engine() {
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

    /** Null for the loop's own thread. */
    @Nullable Executor taskExecutor() {
        return taskExecutor;
    }

    Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    /** Describes one side of TLS. Not for several threads at once. */
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
         * Sets versions, cipher suites, ALPN protocols, server names and their matchers, client
         * authentication; for a client also how the certificate's name is checked.
         *
         * @param choice changes the parameters of each connection, on its loop's thread; and once
         *     of an engine that {@link #build} tries
         * @return this
         */
        public Builder parameters(Consumer<SSLParameters> choice) {
            parameters = Objects.requireNonNull(choice, "choice");
            return this;
        }

        /**
         * Has the costly steps of a handshake, such as signatures, done elsewhere; unless set the
         * loop's thread does them.
         *
         * @param executor what runs them; if it refuses one the connection fails
         * @return this
         */
        public Builder taskExecutor(Executor executor) {
            taskExecutor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Bounds the handshake; 10 s unless set.
         *
         * @param timeout how long; zero for ever
         * @return this
         * @throws IllegalArgumentException if it is negative
         */
        public Builder handshakeTimeout(Duration timeout) {
            handshakeTimeout = ConnectionOptions.notNegative(timeout);
            return this;
        }

        /**
         * Makes the options, once an engine has taken them.
         *
         * @return what has been set so far
         * @throws IllegalArgumentException if the parameters name what there is not
         * @throws IllegalStateException if the context is not initialized
         */
        public TlsOptions build() {
            TlsOptions options = new TlsOptions(this);
            options.engine();
            return options;
        }
    }
}
