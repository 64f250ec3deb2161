package io.uloop.poller.posix;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Tells where the kernel may touch a buffer's bytes, and remembers it for the direct buffers that
 * are used for one transfer after another: asking the JVM costs 19 ns and more, looking here 2 to
 * 3. A place is free again once its buffer has been collected. Until then another buffer with the
 * same place is asked about each time, so that two in turn do not allocate. Thread-safe.
 */
final class BufferAddresses {
    /**
     * Stands for the address of a buffer that only Java code may touch, so that its bytes have to
     * be copied: it is on the heap, or its memory may go away during a call.
     */
    static final long NONE = 0;

    /** A power of two. */
    private static final int PLACES = 256;

    private static final @Nullable Known[] TABLE = new Known[PLACES];

    /** Immutable, so that it is safe to publish by a data race. */
    private static final class Known extends WeakReference<ByteBuffer> {
        final long address;

        Known(ByteBuffer buffer, long address) {
            super(buffer);
            this.address = address;
        }
    }

    private BufferAddresses() {}

    /**
     * Returns the address of a buffer's first byte.
     *
     * @param buffer any buffer, which must stay reachable while the address is in use
     * @return the address of index 0, or {@link #NONE}
     */
    static long of(ByteBuffer buffer) {
        if (!buffer.isDirect()) {
            return NONE;
        }
        int place = System.identityHashCode(buffer) & (PLACES - 1);
        Known known = TABLE[place];
        return known != null && known.refersTo(buffer) ? known.address : ask(buffer, place, known);
    }

    private static long ask(ByteBuffer buffer, int place, @Nullable Known former) {
        long address = BufferLifetimes.lasts(buffer) ? Memory.addressOf(buffer) : NONE;
        if (former == null || former.refersTo(null)) {
            TABLE[place] = new Known(buffer, address);
        }
        return address;
    }
}
