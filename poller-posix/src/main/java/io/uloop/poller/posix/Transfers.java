package io.uloop.poller.posix;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Objects;
import jnr.constants.platform.Sock;
import jnr.constants.platform.SocketLevel;
import jnr.constants.platform.SocketOption;

/**
 * Bytes between buffers and descriptors; allocates nothing. SIGPIPE needs no care: the JVM ignores
 * it, so a write without a reader is an EPIPE.
 */
final class Transfers {
    private static final int SOL_SOCKET = SocketLevel.SOL_SOCKET.intValue();
    private static final int SO_TYPE = SocketOption.SO_TYPE.intValue();
    private static final int SOCK_DGRAM = Sock.SOCK_DGRAM.intValue();

    private final Libc.Calls libc;

    Transfers(Libc.Calls libc) {
        this.libc = libc;
    }

    int read(int fd, ByteBuffer target) throws IOException {
        Posix.requireDescriptor("read", fd);
        requireWritable(target);
        int position = target.position();
        int count = target.remaining();
        if (count == 0) {
            return 0;
        }
        int moved;
        if (target.isDirect()) {
            try {
                moved = read(fd, Memory.addressOf(target) + position, count);
            } finally {
                Reference.reachabilityFence(target);
            }
        } else {
            count = Math.min(count, Scratch.MAX_STAGING_BYTES);
            Scratch scratch = Scratch.mine();
            ByteBuffer staging = scratch.staging(count);
            moved = read(fd, scratch.stagingAddress(), count);
            if (moved > 0) {
                target.put(position, staging, 0, moved);
            }
        }
        if (moved > 0) {
            target.position(position + moved);
        }
        return moved;
    }

    int write(int fd, ByteBuffer source) throws IOException {
        Posix.requireDescriptor("write", fd);
        int position = source.position();
        int count = source.remaining();
        if (count == 0) {
            return 0;
        }
        int moved;
        if (source.isDirect()) {
            try {
                moved = write(fd, Memory.addressOf(source) + position, count);
            } finally {
                Reference.reachabilityFence(source);
            }
        } else {
            count = Math.min(count, Scratch.MAX_STAGING_BYTES);
            Scratch scratch = Scratch.mine();
            scratch.staging(count).put(0, source, position, count);
            moved = write(fd, scratch.stagingAddress(), count);
        }
        source.position(position + moved);
        return moved;
    }

    long read(int fd, ByteBuffer[] targets, int offset, int length) throws IOException {
        Posix.requireDescriptor("readv", fd);
        Objects.checkFromIndexSize(offset, length, targets.length);
        for (int i = offset; i < offset + length; i++) {
            requireWritable(targets[i]);
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
                    scratch.setVector(vectors++, Memory.addressOf(buffer) + position, count);
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

    private int read(int fd, long address, int count) throws IOException {
        for (; ; ) {
            long moved = libc.read(fd, address, count);
            if (moved >= 0) {
                return moved > 0 ? (int) moved : endOfStream(fd);
            }
            if (wouldBlock("read", fd)) {
                return 0;
            }
        }
    }

    private long readv(int fd, long address, int count) throws IOException {
        for (; ; ) {
            long moved = libc.readv(fd, address, count);
            if (moved >= 0) {
                return moved > 0 ? moved : endOfStream(fd);
            }
            if (wouldBlock("readv", fd)) {
                return 0;
            }
        }
    }

    private int write(int fd, long address, int count) throws IOException {
        for (; ; ) {
            long moved = libc.write(fd, address, count);
            if (moved >= 0) {
                return (int) moved;
            }
            if (wouldBlock("write", fd)) {
                return 0;
            }
        }
    }

    private long writev(int fd, long address, int count) throws IOException {
        for (; ; ) {
            long moved = libc.writev(fd, address, count);
            if (moved >= 0) {
                return moved;
            }
            if (wouldBlock("writev", fd)) {
                return 0;
            }
        }
    }

    /** What a read that got nothing means: a datagram may be empty, a stream has ended. */
    private int endOfStream(int fd) {
        Scratch scratch = Scratch.mine();
        scratch.block().putInt(Scratch.LENGTH, Integer.BYTES);
        long value = scratch.address(Scratch.VALUE);
        long length = scratch.address(Scratch.LENGTH);
        boolean datagram =
                libc.getsockopt(fd, SOL_SOCKET, SO_TYPE, value, length) == 0 // else ENOTSOCK
                        && scratch.block().getInt(Scratch.VALUE) == SOCK_DGRAM;
        return datagram ? 0 : -1;
    }

    /** After a failed call: true on EAGAIN, false if it is to be repeated. */
    static boolean wouldBlock(String syscall, int fd) throws IOException {
        int errno = Posix.errno();
        if (errno == Posix.EAGAIN) {
            return true;
        }
        if (errno != Posix.EINTR) {
            throw Posix.failure(syscall, "", fd, errno);
        }
        return false;
    }

    static void requireWritable(ByteBuffer target) {
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("the target buffer is read-only");
        }
    }
}
