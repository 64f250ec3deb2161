package io.uloop.net;

import io.uloop.Uloop;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The memory that the connections of one loop share, for its thread: a buffer to receive into, and
 * segments for what has to wait. All of it is direct, so the kernel and the TLS engine use it as it
 * is.
 */
final class LoopBuffers {
    /** Somewhat more than a TLS record, so that one that has come in part fits. */
    static final int SEGMENT_BYTES = 17 << 10;

    private static final int RECEIVE_BYTES = 64 << 10;

    /** What is kept when nobody needs it: 4 MiB. */
    private static final int MAX_SPARE_SEGMENTS = 256;

    private static final Map<Uloop, LoopBuffers> BY_LOOP = new WeakHashMap<>();

    private final ByteBuffer receive = ByteBuffer.allocateDirect(RECEIVE_BYTES);
    private final @Nullable ByteBuffer[] spare = new ByteBuffer[MAX_SPARE_SEGMENTS];
    private int spareCount;
    private ByteBuffer record = ByteBuffer.allocateDirect(0);
    private ByteBuffer plain = ByteBuffer.allocateDirect(0);

    private LoopBuffers() {}

    /** The one of a loop. Any thread. */
    static LoopBuffers of(Uloop loop) {
        synchronized (BY_LOOP) {
            return BY_LOOP.computeIfAbsent(loop, key -> new LoopBuffers());
        }
    }

    /** The buffer to receive into, empty; for one event. */
    ByteBuffer receive() {
        return receive.clear().order(ByteOrder.BIG_ENDIAN);
    }

    /** The buffer for one outgoing TLS record, empty; until it is written. */
    ByteBuffer record(int bytes) {
        if (record.capacity() < bytes) {
            record = ByteBuffer.allocateDirect(bytes);
        }
        return record.clear();
    }

    /** The buffer for one incoming TLS record in the clear, empty; until it is delivered. */
    ByteBuffer plain(int bytes) {
        if (plain.capacity() < bytes) {
            plain = ByteBuffer.allocateDirect(bytes);
        }
        return plain.clear().order(ByteOrder.BIG_ENDIAN);
    }

    /** A buffer of a segment, or of more if so many bytes have to be in one piece; empty. */
    ByteBuffer take(int bytes) {
        if (bytes > SEGMENT_BYTES) {
            return ByteBuffer.allocateDirect(bytes);
        }
        ByteBuffer last = spareCount == 0 ? null : spare[--spareCount];
        if (last == null) {
            return ByteBuffer.allocateDirect(SEGMENT_BYTES);
        }
        spare[spareCount] = null;
        return last.clear();
    }

    /** Takes a buffer back. */
    void release(ByteBuffer buffer) {
        if (spareCount < MAX_SPARE_SEGMENTS && buffer.capacity() == SEGMENT_BYTES) {
            spare[spareCount++] = buffer;
        }
    }
}
