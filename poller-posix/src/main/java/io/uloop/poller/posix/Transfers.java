package io.uloop.poller.posix;

import io.uloop.poller.spi.ActivityCounts;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * Moves bytes between buffers and descriptors; allocates nothing. recv(2) and send(2) take about 50
 * ns less each than read(2) and write(2), so they are tried on whatever may be a socket. SIGPIPE
 * needs no care: the JVM ignores it, so a write without a reader is an EPIPE.
 *
 * <p>A buffer's position and limit are read once for a transfer, because another thread may move
 * them: each is within the capacity, and so is what lies between the two values that were read. A
 * buffer that is copied moves in several calls if it is large, so that a count is short only if the
 * kernel's was. A message is never parted: its copy is as large as it is.
 */
final class Transfers {
    private static final short POLLIN = 1;
    private static final short POLLERR = 8;
    private static final short POLLNVAL = 32;

    /** More than any record that the kernel keeps whole and that is not a socket's. */
    private static final int MAX_RECORD_BYTES = 4096;

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
        int count = target.limit() - position;
        if (count <= 0) {
            return 0;
        }
        long address = BufferAddresses.of(target);
        if (address == BufferAddresses.NONE) {
            return readCopied(fd, target, position, count);
        }
        int moved;
        try {
            moved = read(fd, address + position, count);
        } finally {
            Reference.reachabilityFence(target);
        }
        if (moved > 0) {
            target.position(position + moved);
        }
        return moved;
    }

    private int readCopied(int fd, ByteBuffer target, int position, int count) throws IOException {
        Staging staging = Scratch.mine().staging(copyBytes(fd, count));
        try {
            int done = 0;
            int asked;
            int moved;
            do {
                requireAccess(target); // before bytes leave the kernel
                asked = Math.min(count - done, staging.capacity());
                try {
                    moved = read(fd, staging.address(), asked);
                } catch (IOException e) {
                    if (done == 0) {
                        throw e;
                    }
                    return done; // the next call fails too
                }
                if (moved <= 0) {
                    return done == 0 ? moved : done;
                }
                target.put(position + done, staging.bytes(), 0, moved);
                done += moved;
                target.position(position + done);
            } while (done < count && mayHaveMore(fd, asked, moved) && isReadable(libc, fd));
            return done;
        } finally {
            staging.release();
        }
    }

    int write(int fd, ByteBuffer source) throws IOException {
        Posix.requireDescriptor("write", fd);
        int position = source.position();
        int count = source.limit() - position;
        if (count <= 0) {
            return 0;
        }
        long address = BufferAddresses.of(source);
        if (address == BufferAddresses.NONE) {
            return writeCopied(fd, source, position, count);
        }
        int moved;
        try {
            moved = write(fd, address + position, count);
        } finally {
            Reference.reachabilityFence(source);
        }
        source.position(position + moved);
        return moved;
    }

    private int writeCopied(int fd, ByteBuffer source, int position, int count) throws IOException {
        Staging staging = Scratch.mine().staging(copyBytes(fd, count));
        try {
            int done = 0;
            int asked;
            int moved;
            do {
                asked = Math.min(count - done, staging.capacity());
                staging.bytes().put(0, source, position + done, asked);
                try {
                    moved = write(fd, staging.address(), asked);
                } catch (IOException e) {
                    if (done == 0) {
                        throw e;
                    }
                    return done; // the next call fails too
                }
                done += moved;
                source.position(position + done);
            } while (done < count && moved == asked && isSound(libc, fd));
            return done;
        } finally {
            staging.release();
        }
    }

    /** How many bytes to copy at once: of a message all, of a stream what a thread keeps. */
    private int copyBytes(int fd, int count) {
        return count <= Scratch.MAX_STAGING_BYTES || Sockets.isMessageBased(libc, fd)
                ? count
                : Scratch.MAX_STAGING_BYTES;
    }

    /**
     * Tells whether more may follow what was read: the kernel filled what it was offered, or, of a
     * file such as inotify's, left a rest that is too small for the next record.
     */
    private boolean mayHaveMore(int fd, int asked, int moved) {
        return moved == asked || (asked - moved < MAX_RECORD_BYTES && files.has(fd));
    }

    /**
     * Tells whether a further read gets bytes or the end at once: it must neither wait, where the
     * descriptor blocks, nor take an error that is the next call's to report.
     */
    static boolean isReadable(Libc.Calls libc, int fd) {
        int events = poll(libc, fd, POLLIN);
        return (events & POLLIN) != 0 && (events & (POLLERR | POLLNVAL)) == 0;
    }

    /** Tells whether a further write takes no error that is the next call's to report. */
    static boolean isSound(Libc.Calls libc, int fd) {
        return poll(libc, fd, (short) 0) == 0;
    }

    /** Tells whether what was written whole may go on with a further write: not as a message. */
    boolean mayWriteOn(int fd) {
        return !Sockets.isMessageBased(libc, fd) && isSound(libc, fd);
    }

    /** {@code struct pollfd { int fd; short events; short revents; }}. */
    private static int poll(Libc.Calls libc, int fd, short events) {
        Scratch scratch = Scratch.mine();
        ByteBuffer block = scratch.block();
        block.putInt(Scratch.VALUE, fd);
        block.putShort(Scratch.VALUE + Integer.BYTES, events);
        block.putShort(Scratch.VALUE + Integer.BYTES + Short.BYTES, (short) 0);
        if (libc.poll(scratch.address(Scratch.VALUE), 1, 0) < 0) {
            return POLLNVAL;
        }
        return block.getShort(Scratch.VALUE + Integer.BYTES + Short.BYTES);
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

    /**
     * Throws what the JDK does if a buffer's arena is closed or belongs to another thread; other
     * buffers are accessible.
     */
    static void requireAccess(ByteBuffer buffer) {
        if (buffer.isDirect()) {
            var unused = buffer.get(0);
        }
    }
}
