package io.uloop.poller.posix;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Remembers where the direct buffers lie that are used for one transfer after another: to ask the
 * JVM costs 19 ns, to look here 2 to 3. A place is free again once its buffer has been collected;
 * until then another one that would have it is asked for each time, so that two in turn do not
 * allocate. Any thread.
 */
final class BufferAddresses {
    /** A power of two. */
    private static final int PLACES = 64;

    private static final @Nullable Known[] TABLE = new Known[PLACES];

    /** Immutable, so that it may be seen by another thread without more ado. */
    private static final class Known extends WeakReference<ByteBuffer> {
        final long address;

        Known(ByteBuffer buffer, long address) {
            super(buffer);
            this.address = address;
        }
    }

    private BufferAddresses() {}

    /**
     * The address of a direct buffer's first byte.
     *
     * @param buffer a direct buffer, which must stay reachable while the address is in use
     * @return the address of index 0
     */
    static long of(ByteBuffer buffer) {
        int place = System.identityHashCode(buffer) & (PLACES - 1);
        Known known = TABLE[place];
        return known != null && known.refersTo(buffer) ? known.address : ask(buffer, place, known);
    }

    private static long ask(ByteBuffer buffer, int place, @Nullable Known former) {
        long address = Memory.addressOf(buffer);
        if (former == null || former.refersTo(null)) {
            TABLE[place] = new Known(buffer, address);
        }
        return address;
    }
}
