package io.uloop.poller.posix;

import io.uloop.poller.spi.ActivityCounts;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * Bytes between buffers and descriptors; allocates nothing. SIGPIPE needs no care: the JVM ignores
 * it, so a write without a reader is an EPIPE.
 */
final class Transfers {
    private final Libc.Calls libc;
    private final ActivityCounts activity;

    Transfers(Libc.Calls libc, ActivityCounts activity) {
        this.libc = libc;
        this.activity = activity;
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

    private int read(int fd, long address, int count) throws IOException {
        for (; ; ) {
            long moved = libc.read(fd, address, count);
            if (moved >= 0) {
                return (int) noteRead(libc, activity, fd, moved);
            }
            if (wouldBlock("read", fd)) {
                return 0;
            }
        }
    }

    private int write(int fd, long address, int count) throws IOException {
        for (; ; ) {
            long moved = libc.write(fd, address, count);
            if (moved >= 0) {
                if (moved > 0) {
                    activity.increment(fd);
                }
                return (int) moved;
            }
            if (wouldBlock("write", fd)) {
                return 0;
            }
        }
    }

    /** The result of a read; if it got nothing, a datagram was empty or a stream has ended. */
    static long noteRead(Libc.Calls libc, ActivityCounts activity, int fd, long moved) {
        if (moved == 0 && !Sockets.isDatagram(libc, fd)) {
            return -1;
        }
        activity.increment(fd);
        return moved;
    }

    /** As {@link #noteRead(Libc.Calls, ActivityCounts, int, long)}, of this object's calls. */
    long noteRead(int fd, long moved) {
        return noteRead(libc, activity, fd, moved);
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
