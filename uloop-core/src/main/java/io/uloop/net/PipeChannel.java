package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ScatteringByteChannel;
import java.util.Objects;

/**
 * One end of a pipe, or any other stream of bytes that is no socket, such as a FIFO, a
 * pseudo-terminal or a serial line. Reads and writes go to the kernel once and never wait: 0 means
 * "would block", and a write may take a part.
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
     * @throws NonReadableChannelException at the end where it is written
     * @throws IOException EIO and so on
     */
    @Override
    public int read(ByteBuffer target) throws IOException {
        try {
            return io().read(openFd(), target);
        } catch (PollerException e) {
            throw refused(e, new NonReadableChannelException());
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
        } catch (PollerException e) {
            throw refused(e, new NonReadableChannelException());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * {@inheritDoc}
     *
     * @param source holds the bytes
     * @return bytes written, perhaps fewer than there are; 0 if it would block
     * @throws NonWritableChannelException at the end where it is read
     * @throws IOException EPIPE if nobody reads any more
     */
    @Override
    public int write(ByteBuffer source) throws IOException {
        try {
            return io().write(openFd(), source);
        } catch (PollerException e) {
            throw refused(e, new NonWritableChannelException());
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
        } catch (PollerException e) {
            throw refused(e, new NonWritableChannelException());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * A failure as it is, unless it is EBADF for a descriptor that is open: that one goes the other
     * way.
     */
    private PollerException refused(PollerException failure, IllegalStateException otherWay)
            throws IOException {
        if (failure.errno().equals("EBADF") && isKnown()) {
            otherWay.initCause(failure);
            throw otherWay;
        }
        return failure;
    }

    /** Tells whether the number is open: what is, is a socket or is said to be none. */
    private boolean isKnown() throws IOException {
        try {
            var unused = io().localAddress(openFd());
            return true;
        } catch (PollerException e) {
            return !e.errno().equals("EBADF");
        }
    }
}
