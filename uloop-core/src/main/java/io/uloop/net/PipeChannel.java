package io.uloop.net;

import io.uloop.Uloop;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.util.Objects;

/**
 * One end of a pipe, or any other stream of bytes that is no socket, such as a FIFO, a
 * pseudo-terminal or a serial line. Reads and writes go to the kernel once and never wait: 0 means
 * "would block", and a write may take a part. The end of a pipe for the other direction refuses
 * with EBADF.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/pipe.7.html">pipe(7)</a>
 */
public final class PipeChannel extends LoopChannel
        implements ByteChannel, GatheringByteChannel, ScatteringByteChannel {
    /**
     * The two ends of a pipe.
     *
     * @param source where it is read
     * @param sink where it is written
     */
    public record Ends(PipeChannel source, PipeChannel sink) {}

    private PipeChannel(Uloop loop, int fd) {
        super(loop, fd);
    }

    /**
     * Makes a pipe.
     *
     * @param loop the loop that will serve both ends
     * @return the ends, each to be closed by itself
     * @throws IOException EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/pipe.2.html">pipe(2)</a>
     */
    public static Ends open(Uloop loop) throws IOException {
        int[] ends = loop.descriptors().pipe();
        return new Ends(new PipeChannel(loop, ends[0]), new PipeChannel(loop, ends[1]));
    }

    /**
     * Takes a descriptor over.
     *
     * @param loop the loop that will serve it
     * @param fd one of the loop's {@link Uloop#descriptors}, non-blocking and not registered; the
     *     channel's to close from now on
     * @return the channel
     */
    public static PipeChannel of(Uloop loop, int fd) {
        return new PipeChannel(loop, Objects.checkIndex(fd, Integer.MAX_VALUE));
    }

    /**
     * {@inheritDoc}
     *
     * @param target gets the bytes
     * @return bytes read; 0 if it would block or the buffer is full; -1 at the end of the stream
     * @throws IOException EBADF at the end where it is written; EIO and so on
     */
    @Override
    public int read(ByteBuffer target) throws IOException {
        try {
            return io().read(openFd(), target);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public long read(ByteBuffer[] targets) throws IOException {
        return read(targets, 0, targets.length);
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, targets.length);
        try {
            return io().read(openFd(), targets, offset, length);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * {@inheritDoc}
     *
     * @param source holds the bytes
     * @return bytes written, perhaps fewer than there are; 0 if it would block
     * @throws IOException EPIPE if nobody reads any more; EBADF at the end where it is read
     */
    @Override
    public int write(ByteBuffer source) throws IOException {
        try {
            return io().write(openFd(), source);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, sources.length);
        try {
            return io().write(openFd(), sources, offset, length);
        } finally {
            Reference.reachabilityFence(this);
        }
    }
}
