package io.uloop.poller.posix;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * Bytes between buffers and descriptors; allocates nothing. SIGPIPE needs no care: the JVM ignores
 * it, so a write without a reader is an EPIPE.
 */
final class Transfers {
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

    private int read(int fd, long address, int count) throws IOException {
        for (; ; ) {
            long moved = libc.read(fd, address, count);
            if (moved >= 0) {
                return moved > 0 ? (int) moved : endOfStream(libc, fd);
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
                return (int) moved;
            }
            if (wouldBlock("write", fd)) {
                return 0;
            }
        }
    }

    /** What a read that got nothing means: a datagram may be empty, a stream has ended. */
    static int endOfStream(Libc.Calls libc, int fd) {
        return Sockets.isDatagram(libc, fd) ? 0 : -1;
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
