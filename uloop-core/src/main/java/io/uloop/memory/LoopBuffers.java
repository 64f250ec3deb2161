package io.uloop.memory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The buffers that the connections of one loop share: one to receive into, and pooled ones of four
 * sizes for pending bytes. Pooled buffers in use count against the connection's {@link
 * BufferShare}.
 *
 * <p>The largest buffers are direct, so the kernel uses them without a copy. Smaller ones may be
 * numerous. They are heap buffers, so the garbage collector frees those that the pool does not
 * keep.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
public final class LoopBuffers {
    /** The size of the largest pooled buffer, slightly more than a TLS record. */
    public static final int SEGMENT_BYTES = 17 << 10;

    private static final int[] SIZES = {512, 2 << 10, 8 << 10, SEGMENT_BYTES};
    private static final int LARGEST = SIZES.length - 1;

    private static final int RECEIVE_BYTES = 64 << 10;

    /** The most bytes that one TLS record carries. */
    private static final int PIECE_BYTES = 16 << 10;

    /** Enough for the length of a frame or the end of a line. */
    private static final int SMALL_BYTES = 8;

    /** The bytes of unused buffers of each size that the pool keeps. */
    private static final int[] MAX_SPARE_BYTES = {64 << 10, 256 << 10, 512 << 10, 4 << 20};

    private final ByteBuffer receive = ByteBuffer.allocateDirect(RECEIVE_BYTES);
    private final @Nullable ByteBuffer[][] spare = new ByteBuffer[SIZES.length][];
    private final int[] spareCount = new int[SIZES.length];
    private long spareBytes;
    private ByteBuffer record = ByteBuffer.allocateDirect(0);
    private ByteBuffer plain = ByteBuffer.allocateDirect(0);
    private ByteBuffer piece = ByteBuffer.allocateDirect(0);

    private final ByteBuffer[] single = {record};
    private final ByteBuffer[] pair = {record, record};
    private final ByteBuffer small = ByteBuffer.allocateDirect(SMALL_BYTES);
    private int[] positions = {};

    /** Creates buffers for one loop. */
    public LoopBuffers() {
        for (int i = 0; i < SIZES.length; i++) {
            spare[i] = new ByteBuffer[MAX_SPARE_BYTES[i] / SIZES[i]];
        }
    }

    /** {@return the empty receive buffer, valid for one event} */
    public ByteBuffer receive() {
        return receive.clear().order(ByteOrder.BIG_ENDIAN);
    }

    /**
     * Returns the empty buffer for one outgoing TLS record.
     *
     * @param bytes the least size
     * @return the buffer, valid until the record is written
     */
    public ByteBuffer record(int bytes) {
        if (record.capacity() < bytes) {
            record = ByteBuffer.allocateDirect(bytes);
        }
        return record.clear();
    }

    /**
     * Returns the empty buffer for one decrypted TLS record.
     *
     * @param bytes the least size
     * @return the buffer, valid until the record is delivered
     */
    public ByteBuffer plain(int bytes) {
        if (plain.capacity() < bytes) {
            plain = ByteBuffer.allocateDirect(bytes);
        }
        return plain.clear().order(ByteOrder.BIG_ENDIAN);
    }

    /** {@return the empty buffer for a piece of a file, valid until it is encrypted} */
    public ByteBuffer piece() {
        if (piece.capacity() == 0) {
            piece = ByteBuffer.allocateDirect(PIECE_BYTES);
        }
        return piece.clear();
    }

    /** {@return an empty buffer of 8 bytes, valid until the next call} */
    public ByteBuffer small() {
        return small.clear();
    }

    /**
     * Returns an array of one buffer.
     *
     * @param buffer its element
     * @return the array, valid until the next call
     */
    public ByteBuffer[] single(ByteBuffer buffer) {
        single[0] = buffer;
        return single;
    }

    /**
     * Returns an array of two buffers.
     *
     * @param first its first element
     * @param second its second element
     * @return the array, valid until the next call
     */
    public ByteBuffer[] pair(ByteBuffer first, ByteBuffer second) {
        pair[0] = first;
        pair[1] = second;
        return pair;
    }

    /**
     * Returns the positions of several buffers.
     *
     * @param sources the buffers
     * @param offset the index of the first buffer
     * @param length the number of buffers
     * @return the positions from index 0 on, valid until the next call
     */
    public int[] positions(ByteBuffer[] sources, int offset, int length) {
        if (positions.length < length) {
            positions = new int[length];
        }
        for (int i = 0; i < length; i++) {
            positions[i] = sources[offset + i].position();
        }
        return positions;
    }

    /**
     * Returns an empty buffer with room for a number of bytes.
     *
     * @param share counts the buffer
     * @param bytes the least capacity
     * @return the buffer; give it back by {@link #release}
     * @throws IOException if the loop's budget is exhausted and this share holds most
     */
    public ByteBuffer take(BufferShare share, int bytes) throws IOException {
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

    /**
     * Returns a buffer to the pool and to its share.
     *
     * @param share the share that counts the buffer
     * @param buffer a result of {@link #take}
     */
    public void release(BufferShare share, ByteBuffer buffer) {
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

    /** Drops pooled buffers that exceed the room left by the budget. */
    private void trim(long room) {
        for (int index = LARGEST; index >= 0 && spareBytes > room; index--) {
            while (spareBytes > room && takeSpare(index) != null) {
                // The garbage collector frees it.
            }
        }
    }

    /** Returns the index of the smallest sufficient size; -1 if none is. */
    private static int index(int bytes) {
        for (int i = 0; i < SIZES.length; i++) {
            if (bytes <= SIZES[i]) {
                return i;
            }
        }
        return -1;
    }
}
