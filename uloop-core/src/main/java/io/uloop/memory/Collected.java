package io.uloop.memory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of one connection that are collected in a pooled buffer. The buffer grows with the bytes,
 * and at most to twice their number. Adding a byte takes constant time on average.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
public final class Collected {
    private final LoopBuffers buffers;
    private final BufferShare share;

    /** Holds the bytes from its position to its limit; null if there are none. */
    private @Nullable ByteBuffer bytes;

    /**
     * Creates an empty collection.
     *
     * @param buffers the buffers of the connection's loop
     * @param share counts the memory
     */
    public Collected(LoopBuffers buffers, BufferShare share) {
        this.buffers = buffers;
        this.share = share;
    }

    /** {@return whether nothing has been added since the last {@link #clear}} */
    public boolean isEmpty() {
        return bytes == null;
    }

    /**
     * Adds the next bytes of a buffer, and moves its position behind them.
     *
     * @param source the buffer
     * @param count the number of bytes, 0 or more
     * @param most the number of bytes that this will hold at most; bounds the growth
     * @throws IOException if the loop's budget is exhausted and this connection holds most
     */
    public void add(ByteBuffer source, int count, int most) throws IOException {
        if (count == 0) {
            return;
        }
        ByteBuffer target = withRoom(count, most);
        int end = target.limit();
        target.limit(end + count);
        target.put(end, source, source.position(), count);
        source.position(source.position() + count);
        share.touch();
    }

    private ByteBuffer withRoom(int count, int most) throws IOException {
        ByteBuffer former = bytes;
        if (former != null && former.capacity() - former.limit() >= count) {
            return former;
        }
        int held = former == null ? 0 : former.remaining();
        long twice = former == null ? 0 : Math.min(2L * former.capacity(), most);
        ByteBuffer larger = buffers.take(share, (int) Math.max((long) held + count, twice));
        if (former != null) {
            larger.put(former);
            buffers.release(share, former);
        }
        larger.flip();
        bytes = larger;
        return larger;
    }

    /**
     * Returns the bytes, big-endian. The caller may move the position and reduce the limit.
     *
     * @return the buffer, valid until the next {@link #add} or {@link #clear}
     * @throws IllegalStateException if this is empty
     */
    public ByteBuffer bytes() {
        if (bytes == null) {
            throw new IllegalStateException("nothing has been collected");
        }
        return bytes.order(ByteOrder.BIG_ENDIAN);
    }

    /** Discards the bytes and releases their memory. Idempotent. */
    public void clear() {
        ByteBuffer former = bytes;
        if (former != null) {
            bytes = null;
            buffers.release(share, former.order(ByteOrder.BIG_ENDIAN));
        }
    }
}
