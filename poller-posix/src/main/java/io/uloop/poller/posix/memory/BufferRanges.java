package io.uloop.poller.posix.memory;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The buffers of one gathering or scattering call, with the position and limit that each had at the
 * start of the call. Later changes to the caller's array or to its buffers have no effect. A buffer
 * may occur more than once. Not thread-safe.
 */
public final class BufferRanges {
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    /** Some systems reject a larger total. */
    private static final int MAX_CALL_BYTES = Integer.MAX_VALUE;

    /** Larger arrays are dropped after the call. */
    private static final int MAX_KEPT = 1024;

    private ByteBuffer[] buffers = {};
    private int[] starts = {};
    private int[] ends = {};
    private long[] addresses = {};
    private int count;
    private long bytes;
    private long copiedBytes;

    /** Where the next call starts: the index of a buffer and how many of its bytes have moved. */
    private int next;

    private int nextMoved;

    /** Where the last call started. */
    private int first;

    private int firstMoved;
    private int described;

    /**
     * Captures the buffers of a call, except those with no bytes remaining.
     *
     * @param written whether the call writes to the buffers
     * @throws IllegalArgumentException if the call writes and a buffer is read-only
     */
    public void take(ByteBuffer[] from, int offset, int length, boolean written) {
        reserve(length);
        for (int i = offset; i < offset + length; i++) {
            ByteBuffer buffer = from[i];
            if (written) {
                BufferChecks.requireWritable(buffer);
            }
            int start = buffer.position();
            int end = buffer.limit();
            if (start < end) {
                long address = BufferAddresses.of(buffer);
                if (address == BufferAddresses.NONE) {
                    copiedBytes += end - start;
                    if (written) {
                        BufferChecks.requireAccess(buffer);
                    }
                }
                buffers[count] = buffer;
                starts[count] = start;
                ends[count] = end;
                addresses[count++] = address;
                bytes += end - start;
            }
        }
    }

    private void reserve(int length) {
        if (buffers.length < length) {
            resize(Math.max(length, Math.min(2 * buffers.length, MAX_KEPT)));
        }
    }

    public int count() {
        return count;
    }

    /** Returns the total of the bytes between position and limit. */
    public long bytes() {
        return bytes;
    }

    private int length(int i) {
        return ends[i] - starts[i];
    }

    /** Returns whether one system call can move all bytes, within this library's own limits. */
    public boolean fitOneCall() {
        return count <= Scratch.MAX_VECTORS
                && copiedBytes <= Scratch.MAX_STAGING_BYTES
                && bytes <= MAX_CALL_BYTES;
    }

    /** Returns how many bytes to stage at once. */
    public int stagingBytes() {
        return (int) Math.min(copiedBytes, Scratch.MAX_STAGING_BYTES);
    }

    /**
     * Fills the scratch's iovecs for the next call, starting where the last one ended. Buffers that
     * the kernel may access are described by their own address, all others by an address in the
     * staging area. Stops when the iovecs or the staging area are full.
     *
     * @param copy whether to copy the bytes into the staging area
     * @return the number of bytes described
     */
    public long describe(Scratch scratch, Staging staging, boolean copy) {
        first = next;
        firstMoved = nextMoved;
        described = 0;
        long asked = 0;
        int staged = 0;
        while (next < count && described < Scratch.MAX_VECTORS) {
            ByteBuffer buffer = buffers[next];
            int start = starts[next] + nextMoved;
            int left = ends[next] - start;
            int part = (int) Math.min(left, MAX_CALL_BYTES - asked);
            long address = addresses[next];
            if (address != BufferAddresses.NONE) {
                address += start;
            } else {
                part = Math.min(part, staging.capacity() - staged);
                if (copy) {
                    staging.bytes().put(staged, buffer, start, part);
                }
                address = staging.address() + staged;
                staged += part;
            }
            if (part > 0) {
                scratch.setVector(described++, address, part);
                asked += part;
            }
            if (part < left) {
                nextMoved += part;
                break;
            }
            next++;
            nextMoved = 0;
        }
        return asked;
    }

    /** Returns the number of iovecs that {@link #describe} filled. */
    public int described() {
        return described;
    }

    /** Copies bytes that the last call read from the staging area to their buffers. */
    public void unstage(Staging staging, long moved) {
        long left = moved;
        int staged = 0;
        int skipped = firstMoved;
        for (int i = first; left > 0; i++) {
            int part = (int) Math.min(length(i) - skipped, left);
            if (addresses[i] == BufferAddresses.NONE) {
                buffers[i].put(starts[i] + skipped, staging.bytes(), staged, part);
                staged += part;
            }
            left -= part;
            skipped = 0;
        }
    }

    /** Copies all bytes to the start of the target. */
    public void copyTo(ByteBuffer target) {
        int at = 0;
        for (int i = 0; i < count; i++) {
            target.put(at, buffers[i], starts[i], length(i));
            at += length(i);
        }
    }

    /** Copies {@code moved} bytes from the start of the source. */
    public void copyFrom(ByteBuffer source, int moved) {
        for (int i = 0, at = 0; at < moved; i++) {
            int part = Math.min(length(i), moved - at);
            buffers[i].put(starts[i], source, at, part);
            at += part;
        }
    }

    /** Advances the positions of the buffers by {@code moved} bytes in total. */
    public void advance(long moved) {
        long left = moved;
        for (int i = 0; left > 0; i++) {
            int part = (int) Math.min(length(i), left);
            buffers[i].position(starts[i] + part);
            left -= part;
        }
    }

    /** Drops the references to the buffers, which keep them reachable until then. */
    public void clear() {
        if (buffers.length > MAX_KEPT) {
            resize(0);
        } else {
            Arrays.fill(buffers, 0, count, NONE);
        }
        count = 0;
        bytes = 0;
        copiedBytes = 0;
        next = 0;
        nextMoved = 0;
    }

    private void resize(int places) {
        buffers = new ByteBuffer[places];
        starts = new int[places];
        ends = new int[places];
        addresses = new long[places];
    }
}
