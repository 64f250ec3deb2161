package io.uloop.poller.posix.file;

import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.BufferAddresses;
import io.uloop.poller.posix.memory.BufferChecks;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.posix.memory.Staging;
import io.uloop.poller.spi.ActivityCounts;
import java.nio.ByteBuffer;

/**
 * Moves bytes between buffers and descriptors. Allocates nothing. Tries recv(2) and send(2) first
 * on descriptors that may be sockets, because they take about 50 ns less than read(2) and write(2).
 * SIGPIPE needs no handling: the JVM ignores it, so a write without a reader fails with EPIPE.
 *
 * <p>A transfer reads a buffer's position and limit once, because another thread may change them.
 * Each value is within the capacity, so the range between the two is too. A large buffer that is
 * copied moves in several calls, so that the result is short only if the kernel's was. A message is
 * never split: its copy has the full size.
 */
public final class Transfers {
    /** Larger than any record, other than a socket's, that the kernel keeps whole. */
    private static final int MAX_RECORD_BYTES = 4096;

    private final Libc.Calls libc;
    private final ActivityCounts activity;
    private final NoSockets files = new NoSockets();

    public Transfers(Libc.Calls libc, ActivityCounts activity) {
        this.libc = libc;
        this.activity = activity;
    }

    public int read(int fd, ByteBuffer target) throws PollerException {
        Posix.requireDescriptor("read", fd);
        BufferChecks.requireWritable(target);
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
            Memory.keep(target);
        }
        if (moved > 0) {
            target.position(position + moved);
        }
        return moved;
    }

    private int readCopied(int fd, ByteBuffer target, int position, int count)
            throws PollerException {
        Staging staging = Scratch.mine().staging(copyBytes(fd, count));
        try {
            int done = 0;
            int asked;
            int moved;
            boolean isPart;
            do {
                BufferChecks.requireAccess(target); // checked before bytes leave the kernel
                asked = Math.min(count - done, staging.capacity());
                try {
                    moved = read(fd, staging.address(), asked);
                } catch (PollerException e) {
                    if (done == 0) {
                        throw e;
                    }
                    return done; // the next call reports it
                }
                if (moved <= 0) {
                    return done == 0 ? moved : done;
                }
                target.put(position + done, staging.bytes(), 0, moved);
                isPart = asked < count - done;
                done += moved;
                target.position(position + done);
            } while (isPart && mayHaveMore(fd, asked, moved) && isReadable(libc, fd));
            return done;
        } finally {
            staging.release();
        }
    }

    public int write(int fd, ByteBuffer source) throws PollerException {
        return write(fd, source, 0);
    }

    /**
     * Writes with flags of send(2).
     *
     * @param flags 0 to write to any descriptor; others require a socket
     */
    public int write(int fd, ByteBuffer source, int flags) throws PollerException {
        Posix.requireDescriptor("write", fd);
        int position = source.position();
        int count = source.limit() - position;
        if (count <= 0) {
            return 0;
        }
        long address = BufferAddresses.of(source);
        if (address == BufferAddresses.NONE) {
            return writeCopied(fd, source, position, count, flags);
        }
        int moved;
        try {
            moved = write(fd, address + position, count, flags);
        } finally {
            Memory.keep(source);
        }
        source.position(position + moved);
        return moved;
    }

    private int writeCopied(int fd, ByteBuffer source, int position, int count, int flags)
            throws PollerException {
        Staging staging = Scratch.mine().staging(copyBytes(fd, count));
        try {
            int done = 0;
            int asked;
            int moved;
            do {
                asked = Math.min(count - done, staging.capacity());
                staging.bytes().put(0, source, position + done, asked);
                try {
                    moved = write(fd, staging.address(), asked, flags);
                } catch (PollerException e) {
                    if (done == 0) {
                        throw e;
                    }
                    return done; // the next call reports it
                }
                done += moved;
                source.position(position + done);
            } while (done < count && moved == asked && isSound(libc, fd));
            return done;
        } finally {
            staging.release();
        }
    }

    /**
     * Returns how many bytes to copy at once: a whole message, or what a thread keeps for a stream.
     */
    public int copyBytes(int fd, int count) {
        return count <= Scratch.MAX_STAGING_BYTES || SocketType.isMessageBased(libc, fd)
                ? count
                : Scratch.MAX_STAGING_BYTES;
    }

    /**
     * Returns whether more bytes may follow the read of a part. They may if the kernel filled the
     * part, or if it has too little room for the next record of a file such as inotify's.
     */
    private boolean mayHaveMore(int fd, int asked, int moved) {
        return moved == asked || (asked - moved < MAX_RECORD_BYTES && files.has(fd));
    }

    /**
     * Returns whether another read returns bytes or end of stream at once. It must not block, if
     * the descriptor is blocking, nor consume an error that the next call should report.
     */
    static boolean isReadable(Libc.Calls libc, int fd) {
        int events = Readiness.of(libc, fd, UEvent.IN);
        return (events & UEvent.IN) != 0
                && (events & (UEvent.ERR | UEvent.NVAL)) == 0; // -1 has every bit
    }

    /** Returns whether another write leaves errors for the next call to report. */
    static boolean isSound(Libc.Calls libc, int fd) {
        return Readiness.of(libc, fd, UEvent.NONE) == 0;
    }

    /**
     * Returns whether a complete write may continue with another write. It may not if the
     * descriptor is message-based, or if it has an error to report.
     */
    boolean mayWriteOn(int fd) {
        return !SocketType.isMessageBased(libc, fd) && isSound(libc, fd);
    }

    /** Forgets a closed descriptor, because the number may be reused for a socket. */
    public void forget(int fd) {
        files.remove(fd);
    }

    private int read(int fd, long address, int count) throws PollerException {
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

    private int write(int fd, long address, int count, int flags) throws PollerException {
        for (; ; ) {
            long moved =
                    files.has(fd) && flags == 0
                            ? libc.write(fd, address, count)
                            : libc.send(fd, address, count, flags);
            if (moved >= 0) {
                if (moved > 0) {
                    activity.increment(fd);
                }
                return (int) moved;
            }
            if (flags == 0 && files.turnedOut(fd)) {
                continue;
            }
            if (wouldBlock("write", fd)) {
                return 0;
            }
        }
    }

    /** Returns the result of a read. A read of 0 bytes is an empty datagram or end of stream. */
    public static long noteRead(Libc.Calls libc, ActivityCounts activity, int fd, long moved) {
        if (moved == 0 && !SocketType.isDatagram(libc, fd)) {
            return -1;
        }
        activity.increment(fd);
        return moved;
    }

    /** Like {@link #noteRead(Libc.Calls, ActivityCounts, int, long)}, with this object's calls. */
    public long noteRead(int fd, long moved) {
        return noteRead(libc, activity, fd, moved);
    }

    /** Handles a failed call: returns true after EAGAIN, and false if the call must be repeated. */
    public static boolean wouldBlock(String syscall, int fd) throws PollerException {
        int errno = Posix.errno();
        if (errno == Posix.EAGAIN) {
            return true;
        }
        if (errno != Posix.EINTR) {
            throw Posix.failure(syscall, "", fd, errno);
        }
        return false;
    }
}
