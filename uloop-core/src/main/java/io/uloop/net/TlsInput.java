package io.uloop.net;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The records that one TLS connection receives: cuts them out of the receiver's buffer where they
 * lie, and keeps the beginning of one, or what may not be delivered yet.
 */
final class TlsInput {
    private final SSLEngine engine;
    private final LoopBuffers buffers;

    /** What has come; between {@link #offer} and {@link #keep} only. */
    private @Nullable ByteBuffer arrived;

    /** What came before that. */
    private @Nullable ByteBuffer kept;

    /** How many bytes at the end of what is kept are copies of the last ones taken from arrived. */
    private int copied;

    TlsInput(SSLEngine engine, LoopBuffers buffers) {
        this.engine = engine;
        this.buffers = buffers;
    }

    boolean hasKept() {
        return kept != null;
    }

    /** Gets bytes; {@link #keep} has to follow. */
    void offer(ByteBuffer data) {
        arrived = data;
    }

    /** Puts away what is left of the bytes that were offered. */
    void keep() {
        if (arrived != null) {
            append(arrived.remaining());
        }
        arrived = null;
        copied = 0;
    }

    /** Gives back what is kept. */
    void release() {
        if (kept != null) {
            buffers.release(kept);
            kept = null;
        }
    }

    /** The next record in the clear, empty if it was not one of data; null if none is whole. */
    @Nullable ByteBuffer next() throws SSLException {
        int plainBytes = engine.getSession().getApplicationBufferSize();
        for (; ; ) {
            ByteBuffer source = kept != null ? kept : arrived;
            if (source == null || !source.hasRemaining()) {
                return null;
            }
            ByteBuffer plain = buffers.plain(plainBytes);
            SSLEngineResult result = engine.unwrap(source, plain);
            if (result.getStatus() == Status.BUFFER_OVERFLOW) {
                plainBytes = plain.capacity() * 2;
            } else if (result.getStatus() != Status.BUFFER_UNDERFLOW) {
                leaveKept();
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
    private boolean addToKept() {
        if (kept == null || arrived == null || !arrived.hasRemaining()) {
            return false;
        }
        int room = engine.getSession().getPacketBufferSize() - kept.remaining();
        append(Math.min(arrived.remaining(), Math.max(room, 1)));
        return true;
    }

    private void append(int bytes) {
        if (arrived == null || bytes == 0) {
            return;
        }
        ByteBuffer target = kept;
        int before = target == null ? 0 : target.remaining();
        if (target == null || target.capacity() - target.limit() < bytes) {
            int record = engine.getSession().getPacketBufferSize();
            target = buffers.take(Math.max(before + bytes, record));
            if (kept != null) {
                target.put(kept);
                buffers.release(kept);
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
