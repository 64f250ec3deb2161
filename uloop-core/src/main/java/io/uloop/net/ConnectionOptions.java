package io.uloop.net;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How connections behave; may be shared by any number of them, on any threads. */
public final class ConnectionOptions {
    /** What {@link #builder} starts from. */
    public static final ConnectionOptions DEFAULTS = builder().build();

    private final int lowWatermark;
    private final int highWatermark;
    private final boolean noDelay;
    private final Duration idleTimeout;
    private final Duration writeTimeout;
    private final Duration closeTimeout;
    private final Duration closeLimit;
    private final Duration connectTimeout;
    private final Duration attemptDelay;
    private final @Nullable TlsOptions tls;

    private ConnectionOptions(Builder builder) {
        lowWatermark = builder.lowWatermark;
        highWatermark = builder.highWatermark;
        noDelay = builder.noDelay;
        idleTimeout = builder.idleTimeout;
        writeTimeout = builder.writeTimeout;
        closeTimeout = builder.closeTimeout;
        closeLimit = builder.closeLimit;
        connectTimeout = builder.connectTimeout;
        attemptDelay = builder.attemptDelay;
        tls = builder.tls;
    }

    /**
     * Starts to describe options.
     *
     * @return a builder with the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    int lowWatermark() {
        return lowWatermark;
    }

    int highWatermark() {
        return highWatermark;
    }

    boolean noDelay() {
        return noDelay;
    }

    Duration idleTimeout() {
        return idleTimeout;
    }

    Duration writeTimeout() {
        return writeTimeout;
    }

    Duration closeTimeout() {
        return closeTimeout;
    }

    Duration closeLimit() {
        return closeLimit;
    }

    Duration connectTimeout() {
        return connectTimeout;
    }

    Duration attemptDelay() {
        return attemptDelay;
    }

    @Nullable TlsOptions tls() {
        return tls;
    }

    static Duration notNegative(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException(
                    "a time must not be negative, this one is " + duration);
        }
        return duration;
    }

    /** Describes options. Not for several threads at once. Zero turns a timeout off. */
    public static final class Builder {
        private int lowWatermark = 32 << 10;
        private int highWatermark = 64 << 10;
        private boolean noDelay = true;
        private Duration idleTimeout = Duration.ZERO;
        private Duration writeTimeout = Duration.ZERO;
        private Duration closeTimeout = Duration.ofSeconds(5);
        private Duration closeLimit = Duration.ZERO;
        private Duration connectTimeout = Duration.ofSeconds(10);
        private Duration attemptDelay = Duration.ofMillis(250);

        private @Nullable TlsOptions tls;

        private Builder() {}

        /**
         * Sets when writers are asked to wait and to go on; 32 KiB and 64 KiB unless set.
         *
         * @param low pending bytes at which a connection becomes writable again, 0 or more
         * @param high pending bytes at which it stops being writable, more than the low ones
         * @return this
         * @throws IllegalArgumentException if they are out of order
         */
        public Builder watermarks(int low, int high) {
            if (low < 0 || high <= low) {
                throw new IllegalArgumentException(
                        "watermarks must be 0 <= low < high, these are " + low + " and " + high);
            }
            lowWatermark = low;
            highWatermark = high;
            return this;
        }

        /**
         * Sets TCP_NODELAY; on unless set, because queued bytes are gathered here already.
         *
         * @param on false leaves Nagle's algorithm at work
         * @return this
         * @see <a href="https://man7.org/linux/man-pages/man7/tcp.7.html">tcp(7)</a>
         */
        public Builder noDelay(boolean on) {
            noDelay = on;
            return this;
        }

        /**
         * Closes a connection on which for some time no byte has moved in either direction, pauses
         * included; off unless set.
         *
         * @param timeout how long
         * @return this
         * @throws IllegalArgumentException if it is negative
         */
        public Builder idleTimeout(Duration timeout) {
            idleTimeout = notNegative(timeout);
            return this;
        }

        /**
         * Aborts a connection whose peer for some time takes none of the bytes that are pending;
         * off unless set.
         *
         * @param timeout how long
         * @return this
         * @throws IllegalArgumentException if it is negative
         */
        public Builder writeTimeout(Duration timeout) {
            writeTimeout = notNegative(timeout);
            return this;
        }

        /**
         * Sets how long {@link Connection#close} waits for the peer to take pending bytes; 5 s
         * unless set. The time starts anew with each byte taken, so a peer that reads slowly but
         * steadily gets everything; see {@link #closeLimit}. When it is over, the connection is
         * reset and {@link ConnectionHandler#closed} gets the cause. It is also how long a peer
         * that has been sent everything may take to end its own direction.
         *
         * @param timeout how long
         * @return this
         * @throws IllegalArgumentException if it is negative
         */
        public Builder closeTimeout(Duration timeout) {
            closeTimeout = notNegative(timeout);
            return this;
        }

        /**
         * Limits {@link Connection#close} in all, however steadily the peer reads; off unless set.
         *
         * @param limit how long
         * @return this
         * @throws IllegalArgumentException if it is negative
         */
        public Builder closeLimit(Duration limit) {
            closeLimit = notNegative(limit);
            return this;
        }

        /**
         * Bounds {@link Connector#connect}, all addresses together; 10 s unless set.
         *
         * @param timeout how long
         * @return this
         * @throws IllegalArgumentException if it is negative
         */
        public Builder connectTimeout(Duration timeout) {
            connectTimeout = notNegative(timeout);
            return this;
        }

        /**
         * Sets how long {@link Connector#connect} waits for one address before it tries the next
         * one beside it; 250 ms unless set.
         *
         * @param delay how long
         * @return this
         * @throws IllegalArgumentException if it is negative
         * @see <a href="https://www.rfc-editor.org/rfc/rfc8305#section-5">RFC 8305</a>
         */
        public Builder attemptDelay(Duration delay) {
            attemptDelay = notNegative(delay);
            return this;
        }

        /**
         * Speaks TLS.
         *
         * @param options as which side, and how
         * @return this
         */
        public Builder tls(TlsOptions options) {
            tls = Objects.requireNonNull(options, "options");
            return this;
        }

        /**
         * Makes the options.
         *
         * @return what has been set so far
         */
        public ConnectionOptions build() {
            return new ConnectionOptions(this);
        }
    }
}
