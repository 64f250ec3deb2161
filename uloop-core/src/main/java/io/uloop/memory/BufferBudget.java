package io.uloop.memory;

import io.uloop.observe.LimitedLog;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The memory that the connections of one loop may hold together: output that peers have not taken,
 * incomplete TLS records and frames, and the state of TLS. When it is exhausted, the connection
 * that holds most is ended. Among those that hold about as much, it is the one that has been idle
 * for longest.
 *
 * <p>Shares of about the same size, within a factor of two, form a list with the longest idle at
 * its head, so finding the one to end takes constant time. All shares below 32 KiB count as the
 * same size, so a client in its handshake may replace an idle one.
 *
 * <p>Not thread-safe: call from the loop's thread. {@link #held} and {@link #ended} are
 * thread-safe.
 */
public final class BufferBudget {
    /**
     * The initial limit. Finding the default takes some time, so it waits until this is exceeded.
     */
    private static final long SMALL = 256 << 10;

    private static final int SMALLEST_BITS = 15;
    private static final int SIZES = Long.SIZE - SMALLEST_BITS;

    private final long configured; // 0 for a part of the default
    private int parts = 1;
    private long limit;

    private final @Nullable BufferShare[] first = new BufferShare[SIZES];
    private final @Nullable BufferShare[] last = new BufferShare[SIZES];

    /** Written by the loop's thread only. */
    private final AtomicLong held = new AtomicLong();

    private final AtomicLong ended = new AtomicLong();

    private final LimitedLog log =
            new LimitedLog(
                    System.getLogger("io.uloop.connection"), System.Logger.Level.WARNING, 1, false);

    /**
     * Creates a budget.
     *
     * @param bytes its size; 0 for the default
     */
    public BufferBudget(long bytes) {
        configured = bytes;
        limit = initialLimit();
    }

    /**
     * Limits the default to a part. Call before the budget is used.
     *
     * @param loops the number of loops that share the default, 1 or more
     */
    public void shareDefault(int loops) {
        parts = loops;
        limit = initialLimit();
    }

    private long initialLimit() {
        return configured > 0
                ? configured
                : Math.min(SMALL, DirectLimit.BYTES_IF_UNSET / 2 / parts);
    }

    /** {@return the number of bytes that the connections hold, 0 or more} */
    public long held() {
        return held.getAcquire();
    }

    /** {@return the number of connections ended for lack of memory since the loop was opened} */
    public long ended() {
        return ended.getAcquire();
    }

    /** Counts a connection that was ended by an {@link OutOfMemoryError}. */
    public void countEnded() {
        ended.setRelease(ended.getPlain() + 1);
    }

    long unused() {
        return limit - held.getPlain();
    }

    void add(BufferShare share, long bytes) throws IOException {
        touch(share);
        while (bytes > unused()) {
            if (limit < whole()) {
                limit = whole();
                continue;
            }
            BufferShare largest = largest();
            if (largest == null
                    || largest == share
                    || size(largest.bytes) < size(share.bytes + bytes)) {
                throw failure(share, "cannot get " + bytes + " more");
            }
            largest.owner.endForMemory(failure(largest, "is ended to free memory for another"));
            largest.close();
            share.requireOpen(bytes); // a lock may have suspended this fiber meanwhile
        }
        resize(share, share.bytes + bytes);
    }

    private IOException failure(BufferShare share, String consequence) {
        countEnded();
        IOException failure =
                new IOException(
                        share.owner
                                + " holds "
                                + share.bytes
                                + " of the "
                                + limit
                                + " bytes that the connections of its loop may hold, and "
                                + consequence
                                + "; raise UloopBuilder.bufferBudget or limit connections");
        log.log(failure::getMessage, null);
        return failure;
    }

    void remove(BufferShare share, long bytes) {
        resize(share, share.bytes - bytes);
    }

    void touch(BufferShare share) {
        if (share.after != null) {
            unlink(share);
            link(share);
        }
    }

    private void resize(BufferShare share, long bytes) {
        held.setRelease(held.getPlain() + bytes - share.bytes);
        boolean linked = share.bytes > 0;
        if (linked && (bytes == 0 || size(bytes) != size(share.bytes))) {
            unlink(share);
            linked = false;
        }
        share.bytes = bytes;
        if (!linked && bytes > 0) {
            link(share);
        }
    }

    private void link(BufferShare share) {
        int size = size(share.bytes);
        BufferShare neighbour = last[size];
        share.before = neighbour;
        if (neighbour == null) {
            first[size] = share;
        } else {
            neighbour.after = share;
        }
        last[size] = share;
    }

    private void unlink(BufferShare share) {
        int size = size(share.bytes);
        BufferShare left = share.before;
        BufferShare right = share.after;
        if (left == null) {
            first[size] = right;
        } else {
            left.after = right;
        }
        if (right == null) {
            last[size] = left;
        } else {
            right.before = left;
        }
        share.before = null;
        share.after = null;
    }

    private @Nullable BufferShare largest() {
        for (int size = SIZES - 1; size >= 0; size--) {
            if (first[size] != null) {
                return first[size];
            }
        }
        return null;
    }

    private static int size(long bytes) {
        return Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(bytes) - SMALLEST_BITS);
    }

    private long whole() {
        return configured > 0 ? configured : Math.max(1, DirectLimit.bytes() / 2 / parts);
    }
}
