package io.uloop.poller.posix;

import io.uloop.poller.spi.ActivityCounts;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * Bytes between buffers and descriptors; allocates nothing. recv(2) and send(2) take about 50 ns
 * less each than read(2) and write(2), so they are tried on whatever may be a socket. SIGPIPE needs
 * no care: the JVM ignores it, so a write without a reader is an EPIPE.
 */
final class Transfers {
    private final Libc.Calls libc;
    private final ActivityCounts activity;
    private final NoSockets files = new NoSockets();

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
                moved = read(fd, BufferAddresses.of(target) + position, count);
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
                moved = write(fd, BufferAddresses.of(source) + position, count);
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

    /** To be called when a number is closed: the next file that gets it may be a socket. */
    void forget(int fd) {
        files.remove(fd);
    }

    private int read(int fd, long address, int count) throws IOException {
        for (; ; ) {
            long moved =
                    files.has(fd)
                            ? libc.read(fd, address, count)
                            : libc.recv(fd, address, count, 0);
            if (moved >= 0) {
                return (int) noteRead(libc, activity, fd, moved);
            }
            if (files.turnedOut(fd)) {
                continue;
            }
            if (wouldBlock("read", fd)) {
                return 0;
            }
        }
    }

    private int write(int fd, long address, int count) throws IOException {
        for (; ; ) {
            long moved =
                    files.has(fd)
                            ? libc.write(fd, address, count)
                            : libc.send(fd, address, count, 0);
            if (moved >= 0) {
                if (moved > 0) {
                    activity.increment(fd);
                }
                return (int) moved;
            }
            if (files.turnedOut(fd)) {
                continue;
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
