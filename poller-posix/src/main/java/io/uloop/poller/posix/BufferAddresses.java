package io.uloop.poller.posix;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Tells where the kernel may touch a buffer's bytes, and remembers it for the direct buffers that
 * are used for one transfer after another: asking the JVM costs 19 ns and more, looking here 2 to
 * 3. Each buffer has four places, which are free again once the buffers in them have been
 * collected. While all four are taken, most questions leave them as they are, so that buffers in
 * turn do not allocate; one in 64 takes a place from another, so that buffers which were used once
 * do not keep out one that is used all the time. Thread-safe.
 */
final class BufferAddresses {
    /**
     * Stands for the address of a buffer that only Java code may touch, so that its bytes have to
     * be copied: it is on the heap, or its memory may go away during a call.
     */
    static final long NONE = 0;

    /** A power of two. */
    private static final int PLACES = 1024;

    private static final int PLACES_OF_ONE = 4;
    private static final int MISSES_OF_A_REPLACEMENT = 64;

    private static final @Nullable Known[] TABLE = new Known[PLACES];

    /** Approximate, because threads may lose a step. */
    private static int misses;

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
        return known != null && known.refersTo(buffer) ? known.address : find(buffer, place);
    }

    private static long find(ByteBuffer buffer, int place) {
        int free = -1;
        for (int i = 0; i < PLACES_OF_ONE; i++) {
            Known known = TABLE[place ^ i];
            if (known == null || known.refersTo(null)) {
                free = place ^ i;
            } else if (known.refersTo(buffer)) {
                return known.address;
            }
        }
        long address = BufferLifetimes.lasts(buffer) ? Memory.addressOf(buffer) : NONE;
        if (free < 0) {
            int miss = ++misses;
            if (miss % MISSES_OF_A_REPLACEMENT != 0) {
                return address;
            }
            free = place ^ (miss / MISSES_OF_A_REPLACEMENT & (PLACES_OF_ONE - 1));
        }
        TABLE[free] = new Known(buffer, address);
        return address;
    }
}
