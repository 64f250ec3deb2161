package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.memory.BufferShare;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The buffers that the connections of one loop share: one to receive into, and pooled ones of four
 * sizes for bytes that have to wait. What a connection takes counts against its {@link
 * BufferShare}.
 *
 * <p>The largest are direct, so the kernel uses them as they are. Of the smaller ones there may be
 * many, and what the pool does not keep of them the garbage collector frees without being asked.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class LoopBuffers {
    /** Somewhat more than a TLS record. */
    static final int SEGMENT_BYTES = 17 << 10;

    private static final int[] SIZES = {512, 2 << 10, 8 << 10, SEGMENT_BYTES};
    private static final int LARGEST = SIZES.length - 1;

    private static final int RECEIVE_BYTES = 64 << 10;

    /** The bytes of each size that the pool keeps while no connection needs them. */
    private static final int[] MAX_SPARE_BYTES = {64 << 10, 256 << 10, 512 << 10, 4 << 20};

    private static final Map<Uloop, LoopBuffers> BY_LOOP = new WeakHashMap<>();

    private final ByteBuffer receive = ByteBuffer.allocateDirect(RECEIVE_BYTES);
    private final @Nullable ByteBuffer[][] spare = new ByteBuffer[SIZES.length][];
    private final int[] spareCount = new int[SIZES.length];
    private long spareBytes;
    private ByteBuffer record = ByteBuffer.allocateDirect(0);
    private ByteBuffer plain = ByteBuffer.allocateDirect(0);

    private LoopBuffers() {
        for (int i = 0; i < SIZES.length; i++) {
            spare[i] = new ByteBuffer[MAX_SPARE_BYTES[i] / SIZES[i]];
        }
    }

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

    /**
     * Returns an empty buffer with room for some bytes.
     *
     * @throws IOException if the loop's budget is used up and this share is to blame
     */
    ByteBuffer take(BufferShare share, int bytes) throws IOException {
        int index = index(bytes);
        int capacity = index < 0 ? bytes : SIZES[index];
        share.add(capacity);
        try {
            ByteBuffer pooled = index < 0 ? null : takeSpare(index);
            if (pooled != null) {
                return pooled.clear();
            }
            trim(share.unused());
            return index == LARGEST
                    ? ByteBuffer.allocateDirect(capacity)
                    : ByteBuffer.allocate(capacity);
        } catch (OutOfMemoryError e) {
            share.remove(capacity);
            throw e;
        }
    }

    /** Takes a buffer back from the share that it was taken for. */
    void release(BufferShare share, ByteBuffer buffer) {
        int capacity = buffer.capacity();
        share.remove(capacity);
        int index = index(capacity);
        if (index >= 0
                && spareCount[index] < spare[index].length
                && spareBytes + capacity <= share.unused()) {
            spare[index][spareCount[index]++] = buffer;
            spareBytes += capacity;
        }
    }

    private @Nullable ByteBuffer takeSpare(int index) {
        if (spareCount[index] == 0) {
            return null;
        }
        int place = --spareCount[index];
        ByteBuffer buffer = spare[index][place];
        spare[index][place] = null;
        spareBytes -= SIZES[index];
        return buffer;
    }

    /** Drops buffers of the pool beyond the room that the budget leaves them. */
    private void trim(long room) {
        for (int index = LARGEST; index >= 0 && spareBytes > room; index--) {
            while (spareBytes > room && takeSpare(index) != null) {
                // The garbage collector frees it.
            }
        }
    }

    /** Returns the smallest size for so many bytes; -1 if there is none. */
    private static int index(int bytes) {
        for (int i = 0; i < SIZES.length; i++) {
            if (bytes <= SIZES[i]) {
                return i;
            }
        }
        return -1;
    }
}
