package io.uloop.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * Bytes written to a TLS connection during its handshake. They are kept here and sent first after
 * it.
 */
final class TlsEarlyOutput implements GatheringByteChannel {
    private final TlsProtocol protocol;
    private final ConnectionOptions options;
    private @Nullable WriteQueue queue; // null while nothing is kept
    private boolean sending;

    TlsEarlyOutput(TlsProtocol protocol, ConnectionOptions options) {
        this.protocol = protocol;
        this.options = options;
    }

    long bytes() {
        return queue == null ? 0 : queue.bytes();
    }

    /** Keeps all bytes of several buffers. */
    void keep(ByteBuffer[] sources, int offset, int length) {
        try {
            if (queue == null) {
                LoopBuffers buffers = LoopBuffers.of(protocol.socket().loop());
                queue = new WriteQueue(this, buffers, protocol.socket().share(), options);
            }
            queue.write(sources, offset, length);
        } catch (IOException | RuntimeException | Error e) {
            protocol.socket().fail(e);
        }
    }

    /** Sends the kept bytes. */
    void send() {
        if (queue == null) {
            return;
        }
        sending = true;
        try {
            queue.flush();
        } catch (IOException | RuntimeException | Error e) {
            protocol.socket().fail(e);
        } finally {
            clear();
        }
    }

    /** Discards the kept bytes. */
    void clear() {
        if (queue != null) {
            queue.clear();
            queue = null;
        }
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        long written = 0;
        if (sending) {
            for (int i = offset; i < offset + length; i++) {
                written += sources[i].remaining();
            }
            protocol.sendAll(sources, offset, length);
        }
        return written;
    }

    @Override
    public long write(ByteBuffer[] sources) {
        return write(sources, 0, sources.length);
    }

    @Override
    public int write(ByteBuffer source) {
        return (int) write(new ByteBuffer[] {source}, 0, 1);
    }

    @Override
    public boolean isOpen() {
        return protocol.socket().isOpen();
    }

    @Override
    public void close() {
        clear();
    }
}
