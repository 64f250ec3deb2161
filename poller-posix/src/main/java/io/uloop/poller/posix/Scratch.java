package io.uloop.poller.posix;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Off-heap memory of one thread for the length of one call: a small block for structs, bytes on
 * their way to or from a heap buffer, and the array of readv(2) and writev(2). The two latter start
 * at what is asked and grow, because a thread may be virtual and one of many. It is freed by the
 * collector, after the thread.
 */
final class Scratch {
    /** What one call moves to or from the heap at most; a stream's rest follows in the next. */
    static final int MAX_STAGING_BYTES = 64 * 1024;

    /** How many buffers one call takes; IOV_MAX of Linux, macOS and the BSDs. */
    static final int MAX_VECTORS = 1024;

    /** {@code struct iovec { void *iov_base; size_t iov_len; }}. */
    static final int VECTOR_BYTES = 16;

    /** Room for any {@code struct sockaddr}, at the start of the block. */
    static final int ADDRESS_BYTES = 128;

    /** A {@code socklen_t} in the block. */
    static final int LENGTH = ADDRESS_BYTES;

    /** Room for any other struct in the block. */
    static final int VALUE = LENGTH + 8;

    static final int VALUE_BYTES = 256;

    private static final int MIN_STAGING_BYTES = 1024;
    private static final ThreadLocal<Scratch> MINE = ThreadLocal.withInitial(Scratch::new);

    private final ByteBuffer block = allocate(VALUE + VALUE_BYTES);
    private final long blockAddress = Memory.addressOf(block);
    private ByteBuffer staging = allocate(0);
    private long stagingAddress;
    private ByteBuffer vectors = allocate(0);
    private long vectorsAddress;

    private Scratch() {}

    /** This thread's. It holds nothing from one call to the next. */
    static Scratch mine() {
        return MINE.get();
    }

    /** The block, in the machine's byte order; meant for absolute access. */
    ByteBuffer block() {
        return block;
    }

    /** The address of a byte of the block. */
    long address(int offset) {
        return blockAddress + offset;
    }

    /** Bytes for the heap; {@link #stagingAddress} is valid until the next call of this. */
    ByteBuffer staging(int bytes) {
        if (staging.capacity() < bytes) {
            int grown = Math.max(MIN_STAGING_BYTES, Integer.highestOneBit(bytes - 1) << 1);
            staging = allocate(grown);
            stagingAddress = Memory.addressOf(staging);
        }
        return staging;
    }

    long stagingAddress() {
        return stagingAddress;
    }

    /** Makes room for iovecs; {@link #vectorsAddress} is valid until the next call of this. */
    void reserveVectors(int count) {
        if (vectors.capacity() < count * VECTOR_BYTES) {
            vectors = allocate(count * VECTOR_BYTES);
            vectorsAddress = Memory.addressOf(vectors);
        }
    }

    long vectorsAddress() {
        return vectorsAddress;
    }

    void setVector(int index, long address, long length) {
        vectors.putLong(index * VECTOR_BYTES, address);
        vectors.putLong(index * VECTOR_BYTES + Long.BYTES, length);
    }

    private static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
