package io.uloop.connection;

import io.uloop.memory.BufferShare;
import java.io.IOException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The engine of one TLS connection, created on demand: a peer that has not sent a whole record
 * costs no engine. The connection's {@link BufferShare} counts an estimate of its memory.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class TlsEngine {
    /** The approximate size of a JDK engine from the first message to the end of a handshake. */
    private static final int HANDSHAKE_BYTES = 16 << 10;

    /** The approximate size of a JDK engine after the handshake. */
    private static final int ESTABLISHED_BYTES = 8 << 10;

    /** The JDK's engine refuses a handshake message above its limit, 32 KiB by default. */
    private static final int MAX_MESSAGE_BYTES = 48 << 10;

    private final TlsOptions options;
    private final BufferShare share;
    private @Nullable SSLEngine engine;
    private int counted;
    private int taken;

    TlsEngine(TlsOptions options, BufferShare share) {
        this.options = options;
        this.share = share;
    }

    boolean isClient() {
        return options.isClient();
    }

    boolean isStarted() {
        return engine != null;
    }

    /** Creates the engine and starts the handshake. */
    void start() throws IOException {
        count(HANDSHAKE_BYTES);
        SSLEngine created = options.engine();
        created.beginHandshake();
        engine = created;
    }

    /**
     * Returns the engine.
     *
     * @throws IllegalStateException if it is not started
     */
    SSLEngine get() {
        SSLEngine started = engine;
        if (started == null) {
            throw new IllegalStateException("the TLS engine is not started");
        }
        return started;
    }

    /** Counts bytes that the engine consumed without output: parts of a message. */
    void took(int bytes) throws IOException {
        if (taken < MAX_MESSAGE_BYTES) {
            taken += bytes;
            count(counted + bytes);
        }
    }

    /** Records that the engine holds no part of a message. */
    void gave() {
        if (taken > 0) {
            int before = taken;
            taken = 0;
            share.remove(before);
            counted -= before;
        }
    }

    /** Records the end of the handshake. */
    void established() throws SSLException {
        taken = 0;
        share.remove(counted - ESTABLISHED_BYTES);
        counted = ESTABLISHED_BYTES;
    }

    private void count(int bytes) throws IOException {
        share.add(bytes - counted);
        counted = bytes;
    }

    /** Drops an engine that has not finished its handshake. Its session is not needed. */
    void drop() {
        engine = null;
        share.remove(counted);
        counted = 0;
    }
}
