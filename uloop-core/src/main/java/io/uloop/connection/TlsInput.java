package io.uloop.connection;

import io.uloop.memory.BufferShare;
import io.uloop.memory.LoopBuffers;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import org.jspecify.annotations.Nullable;

/**
 * Receives the records of one TLS connection and unwraps them in the receive buffer. Keeps
 * incomplete records, and records that must not be delivered yet.
 */
final class TlsInput {
    private static final int HEADER_BYTES = 5;
    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;
    private static final int MAX_RECORD_BYTES = 16 << 10;

    private final TlsEngine engine;
    private final LoopBuffers buffers;
    private final BufferShare share;

    /** The received bytes; set only between {@link #offer} and {@link #keep}. */
    private @Nullable ByteBuffer arrived;

    /** The bytes received earlier. */
    private @Nullable ByteBuffer kept;

    /**
     * The number of bytes at the end of {@code kept} that are copies of the last ones from {@code
     * arrived}.
     */
    private int copied;

    TlsInput(TlsEngine engine, LoopBuffers buffers, BufferShare share) {
        this.engine = engine;
        this.buffers = buffers;
        this.share = share;
    }

    boolean hasKept() {
        return kept != null;
    }

    /** Offers received bytes. {@link #keep} must follow. */
    void offer(ByteBuffer data) {
        arrived = data;
    }

    /** Keeps the bytes that remain of those offered. */
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

    /** Discards all bytes, including those offered. */
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
     * Returns whether the first record is complete. Also returns true if it cannot start a
     * handshake, so that the engine reports the error.
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

    /**
     * Returns the number of the alert that the next record has in plain text; -1 if it is another
     * record.
     */
    int plainAlert() {
        int alertBytes = 2; // level and description
        return remaining(kept) + remaining(arrived) >= HEADER_BYTES + alertBytes
                        && at(0) == ALERT
                        && (at(3) << 8 | at(4)) == alertBytes
                ? at(6)
                : -1;
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

    /**
     * Returns the next decrypted record, empty if it carried no data; null if no record is
     * complete.
     */
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

    /** Returns to the receive buffer once it contains all bytes left in {@code kept}. */
    private void leaveKept() {
        if (kept != null && kept.remaining() <= copied) {
            if (arrived != null) {
                arrived.position(arrived.position() - kept.remaining());
            }
            copied = 0;
            release();
        }
    }

    /** Appends bytes to the incomplete record. Returns false if there are none. */
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
