package io.uloop.poller.posix.file;

import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.Posix;
import io.uloop.poller.posix.memory.Memory;
import io.uloop.poller.posix.memory.Scratch;
import io.uloop.poller.spi.ActivityCounts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;

/** Transfers bytes of files to descriptors, within the kernel where possible. Allocates nothing. */
public final class FileTransfers {
    private static final long MAX_BYTES = 0x7ffff000; // the limit of sendfile(2)
    private static final int EOVERFLOW = Posix.number(Errno.EOVERFLOW);

    private final Transfers transfers;
    private final Linux.Calls linux;
    private final boolean usable;
    private final ActivityCounts activity;

    /**
     * @param transfers writes where sendfile(2) is missing
     * @param linux provides sendfile(2)
     * @param usable whether sendfile(2) may be called
     */
    public FileTransfers(
            Transfers transfers, Linux.Calls linux, boolean usable, ActivityCounts activity) {
        this.transfers = transfers;
        this.linux = linux;
        this.usable = usable;
        this.activity = activity;
    }

    public long transfer(FileChannel source, long position, long count, int fd) throws IOException {
        Posix.requireDescriptor("sendfile", fd);
        if (position < 0 || count < 0) {
            throw new IllegalArgumentException(
                    count + " bytes at position " + position + ": both must be 0 or more");
        }
        if (!source.isOpen()) {
            throw new ClosedChannelException();
        }
        if (count == 0) {
            return 0;
        }
        long bytes = Math.min(count, Long.MAX_VALUE - position); // no file is longer
        if (bytes == 0) {
            return -1;
        }
        int file = usable ? JdkChannels.filenoOrNone(source) : JdkChannels.NONE;
        try {
            return file == JdkChannels.NONE
                    ? copy(source, position, bytes, fd)
                    : send(file, source, position, bytes, fd);
        } finally {
            Memory.keep(source);
        }
    }

    /**
     * Sends with sendfile(2), or copies if the kernel cannot send this kind of file to the
     * descriptor.
     *
     * @param file the descriptor of the source
     */
    long send(int file, FileChannel source, long position, long count, int fd) throws IOException {
        Scratch scratch = Scratch.mine();
        for (; ; ) {
            scratch.block().putLong(Scratch.VALUE, position);
            long start = scratch.address(Scratch.VALUE);
            long moved = linux.sendfile(fd, file, start, Math.min(count, MAX_BYTES));
            if (moved > 0) {
                activity.increment(fd);
                return moved;
            } else if (moved == 0) {
                return -1;
            }
            int errno = Posix.errno();
            if (errno == Posix.EAGAIN) {
                return 0;
            } else if (isRefused(errno)) {
                return copy(source, position, count, fd);
            } else if (errno != Posix.EINTR) {
                throw Posix.failure("sendfile", "", fd, errno);
            }
        }
    }

    /**
     * Returns whether to copy instead. sendfile(2) may not support this kind of file. If a
     * descriptor is bad, copying finds out which one.
     */
    private static boolean isRefused(int errno) {
        return errno == Posix.EINVAL
                || Posix.isRefusedByKernel(errno)
                || errno == Posix.EBADF
                || errno == EOVERFLOW;
    }

    private static int read(FileChannel source, ByteBuffer target, long position, int fd)
            throws IOException {
        try {
            return source.read(target, position);
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            PollerException error =
                    new PollerException(
                            "pread",
                            "position=" + position,
                            fd,
                            Errno.EIO,
                            "cannot read the source file: " + e.getMessage());
            error.initCause(e);
            throw error;
        }
    }

    /**
     * Copies through staging memory that is never freed early, because a user's subclass of
     * FileChannel may keep the buffer.
     */
    private long copy(FileChannel source, long position, long count, int fd) throws IOException {
        ByteBuffer staging =
                Scratch.mine().staging((int) Math.min(count, Scratch.MAX_STAGING_BYTES)).bytes();
        long done = 0;
        try {
            for (; ; ) {
                staging.clear();
                staging.limit((int) Math.min(count - done, staging.capacity()));
                int asked = staging.remaining();
                int got = read(source, staging, position + done, fd);
                if (got <= 0) {
                    return done == 0 ? got : done;
                }
                int moved = transfers.write(fd, staging.flip());
                done += moved;
                if (moved < asked || done == count || !transfers.mayWriteOn(fd)) {
                    return done;
                }
            }
        } catch (IOException e) {
            if (done == 0) {
                throw e;
            }
            return done; // the next call reports it
        } finally {
            staging.clear();
        }
    }
}
