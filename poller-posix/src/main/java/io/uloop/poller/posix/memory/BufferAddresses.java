package io.uloop.poller.posix.memory;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Looks up the native address of a buffer, and caches it for direct buffers that are used
 * repeatedly. Asking the JVM takes at least 19 ns, a cache hit 2 to 3 ns. Each buffer may occupy
 * one of four places, which become free when their buffers are collected. While all four are taken,
 * most misses leave them alone, so that alternating buffers do not allocate. One miss in 64
 * replaces an entry, so that buffers that were used once do not keep out one that is used all the
 * time. Thread-safe.
 */
public final class BufferAddresses {
    /**
     * The address of a buffer whose bytes must be copied because only Java code may touch them: it
     * is on the heap, or its memory may be freed during a call.
     */
    public static final long NONE = 0;

    /** Must be a power of two. */
    private static final int PLACES = 1024;

    private static final int PLACES_OF_ONE = 4;
    private static final int MISSES_OF_A_REPLACEMENT = 64;

    private static final @Nullable Known[] TABLE = new Known[PLACES];

    /** Approximate: concurrent increments may be lost. */
    private static int misses;

    /** Immutable, so that a data race may publish it safely. */
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
    public static long of(ByteBuffer buffer) {
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
