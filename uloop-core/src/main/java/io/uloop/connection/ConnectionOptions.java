package io.uloop.connection;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Options of connections. Immutable, so any number of connections can share one instance.
 * Thread-safe.
 *
 * @since 0.1
 */
public final class ConnectionOptions {
    /** The options that {@link #builder} starts with. */
    public static final ConnectionOptions DEFAULTS = builder().build();

    private final int lowWatermark;
    private final int highWatermark;
    private final boolean noDelay;
    private final long idleTimeoutNanos;
    private final long writeTimeoutNanos;
    private final long closeTimeoutNanos;
    private final long closeLimitNanos;
    private final Duration connectTimeout;
    private final Duration attemptDelay;
    private final int maxDescriptors;
    private final @Nullable TlsOptions tls;

    private ConnectionOptions(Builder builder) {
        lowWatermark = builder.lowWatermark;
        highWatermark = builder.highWatermark;
        noDelay = builder.noDelay;
        idleTimeoutNanos = nanos(builder.idleTimeout);
        writeTimeoutNanos = nanos(builder.writeTimeout);
        closeTimeoutNanos = nanos(builder.closeTimeout);
        closeLimitNanos = nanos(builder.closeLimit);
        connectTimeout = builder.connectTimeout;
        attemptDelay = builder.attemptDelay;
        maxDescriptors = builder.maxDescriptors;
        tls = builder.tls;
    }

    /** {@return a builder with the defaults} */
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

    /** Returns nanoseconds; {@link Deadlines#NEVER} if off. */
    long idleTimeoutNanos() {
        return idleTimeoutNanos;
    }

    /** Returns nanoseconds; {@link Deadlines#NEVER} if off. */
    long writeTimeoutNanos() {
        return writeTimeoutNanos;
    }

    /** Returns nanoseconds; {@link Deadlines#NEVER} if off. */
    long closeTimeoutNanos() {
        return closeTimeoutNanos;
    }

    /** Returns nanoseconds; {@link Deadlines#NEVER} if off. */
    long closeLimitNanos() {
        return closeLimitNanos;
    }

    Duration connectTimeout() {
        return connectTimeout;
    }

    Duration attemptDelay() {
        return attemptDelay;
    }

    /** Returns the most descriptors that one message may pass; 0 if they are not received. */
    int maxDescriptors() {
        return maxDescriptors;
    }

    @Nullable TlsOptions tls() {
        return tls;
    }

    private static long nanos(Duration timeout) {
        if (timeout.isZero()) {
            return Deadlines.NEVER;
        }
        return timeout.compareTo(Duration.ofDays(365)) < 0 ? timeout.toNanos() : Deadlines.NEVER;
    }

    static Duration notNegative(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("a timeout must not be negative: " + duration);
        }
        return duration;
    }

    /** Builds connection options. A timeout of zero is off. Not thread-safe. */
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
        private int maxDescriptors;
        private @Nullable TlsOptions tls;

        private Builder() {}

        /**
         * Sets the watermarks of pending bytes for {@link Connection#isWritable}; 32 KiB and 64 KiB
         * by default.
         *
         * @param low the pending bytes at which a connection becomes writable again, 0 or more
         * @param high the pending bytes at which it stops being writable, more than {@code low}
         * @return this
         * @throws IllegalArgumentException if not {@code 0 <= low < high}
         */
        public Builder watermarks(int low, int high) {
            if (low < 0 || high <= low) {
                throw new IllegalArgumentException(
                        "watermarks must be 0 <= low < high, not " + low + " and " + high);
            }
            lowWatermark = low;
            highWatermark = high;
            return this;
        }

        /**
         * Sets TCP_NODELAY; on by default, because connections already gather queued bytes.
         *
         * @param on false to use Nagle's algorithm
         * @return this
         * @see <a href="https://man7.org/linux/man-pages/man7/tcp.7.html">tcp(7)</a>
         */
        public Builder noDelay(boolean on) {
            noDelay = on;
            return this;
        }

        /**
         * Sets how long a connection may be idle. It is closed when no byte has moved in either
         * direction for this time, even while reading is paused; off by default.
         *
         * @param timeout the timeout; zero turns it off
         * @return this
         * @throws IllegalArgumentException if it is negative
         */
        public Builder idleTimeout(Duration timeout) {
            idleTimeout = notNegative(timeout);
            return this;
        }

        /**
         * Sets how long a peer may take none of the pending bytes before the connection is aborted;
         * off by default.
         *
         * @param timeout the timeout; zero turns it off
         * @return this
         * @throws IllegalArgumentException if it is negative
         */
        public Builder writeTimeout(Duration timeout) {
            writeTimeout = notNegative(timeout);
            return this;
        }

        /**
         * Sets how long {@link Connection#close} waits for the peer to take pending bytes; 5 s by
         * default. Each byte taken restarts the timeout, so a slow but steady peer gets everything;
         * see {@link #closeLimit}. When it expires, the connection is reset and {@link
         * ConnectionHandler#closed} gets the cause.
         *
         * <p>Once everything has been sent, the peer has the same time to end its own direction.
         *
         * @param timeout the timeout; zero turns it off
         * @return this
         * @throws IllegalArgumentException if it is negative
         */
        public Builder closeTimeout(Duration timeout) {
            closeTimeout = notNegative(timeout);
            return this;
        }

        /**
         * Limits the total time of {@link Connection#close}, however steadily the peer reads; off
         * by default.
         *
         * @param limit the limit; zero turns it off
         * @return this
         * @throws IllegalArgumentException if it is negative
         */
        public Builder closeLimit(Duration limit) {
            closeLimit = notNegative(limit);
            return this;
        }

        /**
         * Sets the timeout of {@link Connector#connect} for all addresses together; 10 s by
         * default.
         *
         * @param timeout the timeout; zero turns it off
         * @return this
         * @throws IllegalArgumentException if it is negative
         */
        public Builder connectTimeout(Duration timeout) {
            connectTimeout = notNegative(timeout);
            return this;
        }

        /**
         * Sets how long {@link Connector#connect} waits for one address before it also tries the
         * next; 250 ms by default.
         *
         * @param delay the delay
         * @return this
         * @throws IllegalArgumentException if it is negative
         * @see <a href="https://www.rfc-editor.org/rfc/rfc8305#section-5">RFC 8305</a>
         */
        public Builder attemptDelay(Duration delay) {
            attemptDelay = notNegative(delay);
            return this;
        }

        /**
         * Receives file descriptors that the peer of a unix-domain connection passes, see {@link
         * ConnectionHandler#receivedDescriptors}; off by default. Requires a native backend. Other
         * connections ignore this option.
         *
         * @param max the most descriptors in one message, 0 to 253; 0 turns it off, and then the
         *     kernel closes those that arrive. A message with more resets the connection (EMSGSIZE)
         * @return this
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder receiveDescriptors(int max) {
            if (max < 0 || max > Passing.MAX) {
                throw new IllegalArgumentException(
                        "a message passes 0 to " + Passing.MAX + " descriptors, not " + max);
            }
            maxDescriptors = max;
            return this;
        }

        /**
         * Uses TLS.
         *
         * @param options the TLS options of a server or a client
         * @return this
         */
        public Builder tls(TlsOptions options) {
            tls = Objects.requireNonNull(options, "options");
            return this;
        }

        /** {@return the options set so far} */
        public ConnectionOptions build() {
            return new ConnectionOptions(this);
        }
    }
}
