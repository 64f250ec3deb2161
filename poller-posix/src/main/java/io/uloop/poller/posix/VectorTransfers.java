package io.uloop.poller.posix;

import io.uloop.poller.spi.ActivityCounts;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Bytes between several buffers at once and descriptors; allocates nothing. */
final class VectorTransfers {
    private final Libc.Calls libc;
    private final ActivityCounts activity;

    VectorTransfers(Libc.Calls libc, ActivityCounts activity) {
        this.libc = libc;
        this.activity = activity;
    }

    long read(int fd, ByteBuffer[] targets, int offset, int length) throws IOException {
        Posix.requireDescriptor("readv", fd);
        Objects.checkFromIndexSize(offset, length, targets.length);
        for (int i = offset; i < offset + length; i++) {
            Transfers.requireWritable(targets[i]);
        }
        Scratch scratch = Scratch.mine();
        try {
            int vectors = describe(scratch, targets, offset, length, false);
            long moved = vectors == 0 ? 0 : readv(fd, scratch.vectorsAddress(), vectors);
            if (moved > 0) {
                advance(scratch, targets, offset, moved, true);
            }
            return moved;
        } finally {
            Reference.reachabilityFence(targets);
        }
    }

    long write(int fd, ByteBuffer[] sources, int offset, int length) throws IOException {
        Posix.requireDescriptor("writev", fd);
        Objects.checkFromIndexSize(offset, length, sources.length);
        Scratch scratch = Scratch.mine();
        try {
            int vectors = describe(scratch, sources, offset, length, true);
            long moved = vectors == 0 ? 0 : writev(fd, scratch.vectorsAddress(), vectors);
            if (moved > 0) {
                advance(scratch, sources, offset, moved, false);
            }
            return moved;
        } finally {
            Reference.reachabilityFence(sources);
        }
    }

    /**
     * Fills the scratch's iovecs, heap buffers one after the other in the staging bytes, until
     * either is full.
     *
     * @return how many iovecs there are
     */
    private static int describe(
            Scratch scratch, ByteBuffer[] buffers, int offset, int length, boolean copy) {
        ByteBuffer staging = scratch.staging(stagingBytes(buffers, offset, length));
        scratch.reserveVectors(Math.min(length, Scratch.MAX_VECTORS));
        int vectors = 0;
        int staged = 0;
        int room = Integer.MAX_VALUE; // some systems refuse a longer sum
        for (int i = offset; i < offset + length && vectors < Scratch.MAX_VECTORS; i++) {
            ByteBuffer buffer = buffers[i];
            int position = buffer.position();
            int wanted = buffer.remaining();
            int count = Math.min(wanted, room);
            if (buffer.isDirect()) {
                if (count > 0) {
                    scratch.setVector(vectors++, BufferAddresses.of(buffer) + position, count);
                }
            } else {
                count = Math.min(count, Scratch.MAX_STAGING_BYTES - staged);
                if (count > 0) {
                    scratch.setVector(vectors++, scratch.stagingAddress() + staged, count);
                    if (copy) {
                        staging.put(staged, buffer, position, count);
                    }
                    staged += count;
                }
            }
            room -= count;
            if (count < wanted) {
                break;
            }
        }
        return vectors;
    }

    private static int stagingBytes(ByteBuffer[] buffers, int offset, int length) {
        int bytes = 0;
        for (int i = offset; i < offset + length && bytes < Scratch.MAX_STAGING_BYTES; i++) {
            if (!buffers[i].isDirect()) {
                bytes += Math.min(buffers[i].remaining(), Scratch.MAX_STAGING_BYTES - bytes);
            }
        }
        return bytes;
    }

    private static void advance(
            Scratch scratch, ByteBuffer[] buffers, int offset, long moved, boolean copy) {
        int staged = 0;
        long left = moved;
        for (int i = offset; left > 0; i++) {
            ByteBuffer buffer = buffers[i];
            int position = buffer.position();
            int count = (int) Math.min(buffer.remaining(), left);
            if (!buffer.isDirect()) {
                if (copy) {
                    buffer.put(position, scratch.staging(staged + count), staged, count);
                }
                staged += count;
            }
            buffer.position(position + count);
            left -= count;
        }
    }

    private long readv(int fd, long address, int count) throws IOException {
        for (; ; ) {
            long moved = libc.readv(fd, address, count);
            if (moved >= 0) {
                return Transfers.noteRead(libc, activity, fd, moved);
            }
            if (Transfers.wouldBlock("readv", fd)) {
                return 0;
            }
        }
    }

    private long writev(int fd, long address, int count) throws IOException {
        for (; ; ) {
            long moved = libc.writev(fd, address, count);
            if (moved >= 0) {
                if (moved > 0) {
                    activity.increment(fd);
                }
                return moved;
            }
            if (Transfers.wouldBlock("writev", fd)) {
                return 0;
            }
        }
    }
}
