package io.uloop.poller.posix.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One thread's memory for the duration of a call: a small block for structs, a staging area for
 * buffers that are copied, and the iovecs of readv(2) and writev(2). All but the block are
 * allocated on demand and grow, because the thread may be one of many virtual threads. The
 * collector frees the memory after the thread has ended. Not thread-safe.
 */
public final class Scratch {
    /** The largest staging area that a thread keeps; longer streams move in several calls. */
    public static final int MAX_STAGING_BYTES = 64 * 1024;

    /** The most buffers per call: IOV_MAX of Linux, macOS and the BSDs. */
    public static final int MAX_VECTORS = 1024;

    /** {@code struct iovec { void *iov_base; size_t iov_len; }}. */
    public static final int VECTOR_BYTES = 16;

    /** Room for any {@code struct sockaddr}, at the start of the block. */
    public static final int ADDRESS_BYTES = 128;

    /** The offset of a {@code socklen_t} in the block. */
    public static final int LENGTH = ADDRESS_BYTES;

    /** The offset of any other struct in the block. */
    public static final int VALUE = LENGTH + 8;

    public static final int VALUE_BYTES = 320;

    private static final int MIN_STAGING_BYTES = 1024;
    private static final PerThread<Scratch> MINE = new PerThread<>(Scratch::new);

    private final ByteBuffer block = allocate(VALUE + VALUE_BYTES);
    private final long blockAddress = Memory.addressOf(block);
    private final BufferRanges ranges = new BufferRanges();
    private Staging staging = Staging.kept(0);
    private ByteBuffer vectors = allocate(0);
    private long vectorsAddress;

    private Scratch() {}

    /** Returns this thread's scratch memory. Its contents are not preserved between calls. */
    public static Scratch mine() {
        return MINE.get();
    }

    /** Returns the block in native byte order, for absolute access. */
    public ByteBuffer block() {
        return block;
    }

    /** {@return the address of a byte of the block} */
    public long address(int offset) {
        return blockAddress + offset;
    }

    /**
     * Returns a staging area, valid until the next call of this method. One larger than {@link
     * #MAX_STAGING_BYTES} is allocated for a single use.
     *
     * @return at least {@code bytes} bytes, which the caller must {@linkplain Staging#release
     *     release}
     */
    public Staging staging(int bytes) {
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

    /** {@return the ranges for a gathering or scattering call} */
    public BufferRanges ranges() {
        return ranges;
    }

    /** Makes room for iovecs, which invalidates the previous {@link #vectorsAddress}. */
    public void reserveVectors(int count) {
        if (vectors.capacity() < count * VECTOR_BYTES) {
            vectors = allocate(count * VECTOR_BYTES);
            vectorsAddress = Memory.addressOf(vectors);
        }
    }

    public long vectorsAddress() {
        return vectorsAddress;
    }

    public void setVector(int index, long address, long length) {
        vectors.putLong(index * VECTOR_BYTES, address);
        vectors.putLong(index * VECTOR_BYTES + Long.BYTES, length);
    }

    private static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
