package io.uloop.poller.posix;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The buffers of one gathered or scattered call, with the position and the limit that each had when
 * the call began. Everything else follows from these, whatever becomes of the caller's array and of
 * its buffers meanwhile, and a buffer may be there more than once. One thread at a time.
 */
final class BufferRanges {
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    /** Some systems refuse a longer sum. */
    private static final int MAX_CALL_BYTES = Integer.MAX_VALUE;

    /** More are not kept from one call to the next. */
    private static final int MAX_KEPT = 1024;

    private ByteBuffer[] buffers = {};
    private int[] starts = {};
    private int[] ends = {};
    private long[] addresses = {};
    private int count;
    private long bytes;
    private long copiedBytes;

    /** Where the next call begins: a buffer, and how many of its bytes have moved. */
    private int next;

    private int nextMoved;

    /** Where the last call began. */
    private int first;

    private int firstMoved;
    private int described;

    /**
     * Takes the buffers of a call. Those without a byte are left out.
     *
     * @param written whether they are to be written to
     * @throws IllegalArgumentException if one is read-only and must not be
     */
    void take(ByteBuffer[] from, int offset, int length, boolean written) {
        reserve(length);
        for (int i = offset; i < offset + length; i++) {
            ByteBuffer buffer = from[i];
            if (written) {
                Transfers.requireWritable(buffer);
            }
            int start = buffer.position();
            int end = buffer.limit();
            if (start < end) {
                long address = BufferAddresses.of(buffer);
                if (address == BufferAddresses.NONE) {
                    copiedBytes += end - start;
                    if (written) {
                        Transfers.requireAccess(buffer);
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

    int count() {
        return count;
    }

    /** How many bytes there are between the positions and the limits. */
    long bytes() {
        return bytes;
    }

    private int length(int i) {
        return ends[i] - starts[i];
    }

    /** Tells whether one call of the kernel can move all, as far as this process is concerned. */
    boolean fitOneCall() {
        return count <= Scratch.MAX_VECTORS
                && copiedBytes <= Scratch.MAX_STAGING_BYTES
                && bytes <= MAX_CALL_BYTES;
    }

    /** How many bytes are to be copied at once. */
    int stagingBytes() {
        return (int) Math.min(copiedBytes, Scratch.MAX_STAGING_BYTES);
    }

    /**
     * Fills the scratch's iovecs for the next call, from where the one before ended: with the
     * addresses of the buffers, and with the staging's for those that are copied, until either is
     * full.
     *
     * @param copy whether to copy the bytes to the staging
     * @return how many bytes there are
     */
    long describe(Scratch scratch, Staging staging, boolean copy) {
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

    /** How many iovecs {@link #describe} has filled. */
    int described() {
        return described;
    }

    /** Copies from the staging what the call that was described last has read. */
    void unstage(Staging staging, long moved) {
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

    /** Copies all bytes to the start of a target. */
    void copyTo(ByteBuffer target) {
        int at = 0;
        for (int i = 0; i < count; i++) {
            target.put(at, buffers[i], starts[i], length(i));
            at += length(i);
        }
    }

    /** Copies so many bytes from the start of a source. */
    void copyFrom(ByteBuffer source, int moved) {
        for (int i = 0, at = 0; at < moved; i++) {
            int part = Math.min(length(i), moved - at);
            buffers[i].put(starts[i], source, at, part);
            at += part;
        }
    }

    /** Moves the positions behind so many bytes. */
    void advance(long moved) {
        long left = moved;
        for (int i = 0; left > 0; i++) {
            int part = (int) Math.min(length(i), left);
            buffers[i].position(starts[i] + part);
            left -= part;
        }
    }

    /** Lets go of the buffers; until then they are reachable from here. */
    void clear() {
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
