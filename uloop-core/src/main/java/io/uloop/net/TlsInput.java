package io.uloop.net;

import io.uloop.memory.BufferShare;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import org.jspecify.annotations.Nullable;

/**
 * The records that one TLS connection receives: cuts them out of the receiver's buffer where they
 * lie, and keeps the beginning of one, or what may not be delivered yet.
 */
final class TlsInput {
    private static final int HEADER_BYTES = 5;
    private static final int HANDSHAKE = 22;
    private static final int MAX_RECORD_BYTES = 16 << 10;

    private final TlsEngine engine;
    private final LoopBuffers buffers;
    private final BufferShare share;

    /** What has come; between {@link #offer} and {@link #keep} only. */
    private @Nullable ByteBuffer arrived;

    /** What came before that. */
    private @Nullable ByteBuffer kept;

    /** How many bytes at the end of what is kept are copies of the last ones taken from arrived. */
    private int copied;

    TlsInput(TlsEngine engine, LoopBuffers buffers, BufferShare share) {
        this.engine = engine;
        this.buffers = buffers;
        this.share = share;
    }

    boolean hasKept() {
        return kept != null;
    }

    /** Gets bytes; {@link #keep} has to follow. */
    void offer(ByteBuffer data) {
        arrived = data;
    }

    /** Puts away what is left of the bytes that were offered. */
    void keep() throws IOException {
        try {
            if (arrived != null) {
                append(arrived.remaining());
            }
        } finally {
            arrived = null;
            copied = 0;
        }
    }

    /** Drops the bytes that were offered, too. */
    void drop() {
        arrived = null;
        copied = 0;
        release();
    }

    private void release() {
        ByteBuffer former = kept;
        if (former != null) {
            kept = null;
            buffers.release(share, former);
        }
    }

    /**
     * Returns whether the first record is whole, or cannot be the beginning of a handshake, which
     * is for the engine to say.
     */
    boolean isFirstWhole() {
        int available = remaining(kept) + remaining(arrived);
        if (available == 0) {
            return false;
        }
        if (at(0) != HANDSHAKE) {
            return true;
        }
        if (available < HEADER_BYTES) {
            return false;
        }
        int length = at(3) << 8 | at(4);
        return length > MAX_RECORD_BYTES || available >= HEADER_BYTES + length;
    }

    private int at(int index) {
        ByteBuffer source = arrived;
        int place = index;
        if (kept != null) {
            if (index < kept.remaining()) {
                source = kept;
            } else {
                place -= kept.remaining();
            }
        }
        return source == null ? -1 : source.get(source.position() + place) & 0xFF;
    }

    private static int remaining(@Nullable ByteBuffer buffer) {
        return buffer == null ? 0 : buffer.remaining();
    }

    /** The next record in the clear, empty if it was not one of data; null if none is whole. */
    @Nullable ByteBuffer next() throws IOException {
        SSLEngine tls = engine.get();
        int plainBytes = tls.getSession().getApplicationBufferSize();
        for (; ; ) {
            ByteBuffer source = kept != null ? kept : arrived;
            if (source == null || !source.hasRemaining()) {
                return null;
            }
            ByteBuffer plain = buffers.plain(plainBytes);
            SSLEngineResult result = tls.unwrap(source, plain);
            if (result.getStatus() == Status.BUFFER_OVERFLOW) {
                plainBytes = plain.capacity() * 2;
            } else if (result.getStatus() != Status.BUFFER_UNDERFLOW) {
                leaveKept();
                if (result.bytesProduced() > 0) {
                    engine.gave();
                } else {
                    engine.took(result.bytesConsumed());
                }
                return plain.flip();
            } else if (!addToKept()) {
                return null;
            }
        }
    }

    /** Goes back to the receiver's buffer once what is left here is in there too. */
    private void leaveKept() {
        if (kept != null && kept.remaining() <= copied) {
            if (arrived != null) {
                arrived.position(arrived.position() - kept.remaining());
            }
            copied = 0;
            release();
        }
    }

    /** Makes the beginning of a record whole, if enough has come; false if nothing has. */
    private boolean addToKept() throws IOException {
        if (kept == null || arrived == null || !arrived.hasRemaining()) {
            return false;
        }
        int room = engine.get().getSession().getPacketBufferSize() - kept.remaining();
        append(Math.min(arrived.remaining(), Math.max(room, 1)));
        return true;
    }

    private void append(int bytes) throws IOException {
        if (arrived == null || bytes == 0) {
            return;
        }
        ByteBuffer target = kept;
        int before = target == null ? 0 : target.remaining();
        if (target == null || target.capacity() - target.limit() < bytes) {
            target = buffers.take(share, before + bytes);
            if (kept != null) {
                target.put(kept);
                release();
            }
            target.flip();
            kept = target;
        }
        int end = target.limit();
        target.limit(end + bytes);
        target.put(end, arrived, arrived.position(), bytes);
        arrived.position(arrived.position() + bytes);
        copied += bytes;
    }
}
