package io.uloop.poller.posix;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory of one thread for the length of one call: a small block for structs, bytes on their way to
 * or from a buffer that is copied, and what readv(2) and writev(2) need. All but the block start at
 * what is asked and grow, because a thread may be virtual and one of many. It is freed by the
 * collector, after the thread.
 */
final class Scratch {
    /** How many bytes a thread keeps for copies; a stream's rest follows in the next call. */
    static final int MAX_STAGING_BYTES = 64 * 1024;

    /** How many buffers the kernel takes at once; IOV_MAX of Linux, macOS and the BSDs. */
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
    private final BufferRanges ranges = new BufferRanges();
    private Staging staging = Staging.kept(0);
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

    /**
     * Provides bytes for copies, which are this thread's again with the next call of this. More
     * than {@link #MAX_STAGING_BYTES} are allocated for the one use.
     *
     * @return at least as many bytes; to be {@linkplain Staging#release released}
     */
    Staging staging(int bytes) {
        if (bytes > MAX_STAGING_BYTES) {
            return Staging.temporary(bytes);
        }
        if (staging.capacity() < bytes) {
            staging =
                    Staging.kept(
                            Math.max(MIN_STAGING_BYTES, Integer.highestOneBit(bytes - 1) << 1));
        }
        return staging;
    }

    /** The buffers of one call with several. */
    BufferRanges ranges() {
        return ranges;
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
