package io.uloop.poller.posix.file;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.BufferRanges;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.posix.memory.Staging;
import io.uloop.poller.spi.ActivityCounts;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Moves bytes between several buffers and a descriptor. Allocates nothing for up to 1024 buffers.
 * More buffers, or more copied bytes than one call can move, take several calls. A message is
 * copied whole.
 */
public final class VectorTransfers {
    private static final int EMSGSIZE = Posix.number(Errno.EMSGSIZE);

    /** No kernel has longer messages. */
    private static final int MAX_MESSAGE_BYTES = 1 << 30;

    private final Libc.Calls libc;
    private final ActivityCounts activity;

    public VectorTransfers(Libc.Calls libc, ActivityCounts activity) {
        this.libc = libc;
        this.activity = activity;
    }

    public long read(int fd, ByteBuffer[] targets, int offset, int length) throws PollerException {
        Posix.requireDescriptor("readv", fd);
        return transfer(fd, targets, offset, length, true);
    }

    public long write(int fd, ByteBuffer[] sources, int offset, int length) throws PollerException {
        Posix.requireDescriptor("writev", fd);
        return transfer(fd, sources, offset, length, false);
    }

    private long transfer(int fd, ByteBuffer[] buffers, int offset, int length, boolean reads)
            throws PollerException {
        Objects.checkFromIndexSize(offset, length, buffers.length);
        Scratch scratch = Scratch.mine();
        BufferRanges ranges = scratch.ranges();
        try {
            ranges.take(buffers, offset, length, reads);
            if (ranges.bytes() == 0) {
                return 0;
            }
            return ranges.fitOneCall() || !SocketType.isMessageBased(libc, fd)
                    ? transferStream(fd, scratch, ranges, reads)
                    : transferMessage(fd, scratch, ranges, reads);
        } finally {
            ranges.clear();
        }
    }

    private long transferStream(int fd, Scratch scratch, BufferRanges ranges, boolean reads)
            throws PollerException {
        Staging staging = scratch.staging(ranges.stagingBytes());
        scratch.reserveVectors(Math.min(ranges.count(), Scratch.MAX_VECTORS));
        long done = 0;
        try {
            for (; ; ) {
                long asked = ranges.describe(scratch, staging, !reads);
                long moved;
                try {
                    moved = call(fd, scratch.vectorsAddress(), ranges.described(), reads);
                } catch (PollerException e) {
                    if (done == 0) {
                        throw e;
                    }
                    return done; // the next call reports it
                }
                if (moved <= 0) {
                    return done == 0 ? moved : done;
                }
                if (reads) {
                    ranges.unstage(staging, moved);
                }
                done += moved;
                if (moved < asked || done == ranges.bytes() || !mayGoOn(fd, reads)) {
                    return done;
                }
            }
        } finally {
            ranges.advance(done);
        }
    }

    private boolean mayGoOn(int fd, boolean reads) {
        return reads ? Transfers.isReadable(libc, fd) : Transfers.isSound(libc, fd);
    }

    private long transferMessage(int fd, Scratch scratch, BufferRanges ranges, boolean reads)
            throws PollerException {
        if (ranges.bytes() > MAX_MESSAGE_BYTES && !reads) {
            throw Posix.failure("writev", "", fd, EMSGSIZE);
        }
        int bytes = (int) Math.min(ranges.bytes(), MAX_MESSAGE_BYTES);
        Staging staging = scratch.staging(bytes);
        try {
            if (!reads) {
                ranges.copyTo(staging.bytes());
            }
            scratch.reserveVectors(1);
            scratch.setVector(0, staging.address(), bytes);
            long moved = call(fd, scratch.vectorsAddress(), 1, reads);
            if (moved > 0) {
                if (reads) {
                    ranges.copyFrom(staging.bytes(), (int) moved);
                }
                ranges.advance(moved);
            }
            return moved;
        } finally {
            staging.release();
        }
    }

    private long call(int fd, long vectors, int count, boolean reads) throws PollerException {
        return reads ? readv(fd, vectors, count) : writev(fd, vectors, count);
    }

    private long readv(int fd, long address, int count) throws PollerException {
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

    private long writev(int fd, long address, int count) throws PollerException {
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
