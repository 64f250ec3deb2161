package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.DescriptorKind;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.Pipe;
import java.nio.channels.ScatteringByteChannel;
import java.nio.channels.SelectableChannel;
import java.util.Objects;

/**
 * One end of a pipe, or another byte stream that is not a socket, such as a FIFO, a pseudo-terminal
 * or a serial line. Reads and writes call the kernel once and never block. A result of 0 means that
 * the call would block. A write may take only a part of the bytes.
 *
 * <pre>{@code
 * int fd = NativeDescriptors.of(loop.provider()).open(path, StandardOpenOption.READ);
 * PipeChannel channel = PipeChannel.adopt(loop, fd);
 * channel.register(UEvent.IN, (ready, events) -> channel.read(buffer.clear()));
 * }</pre>
 *
 * <p>The thread rules are those of {@link LoopChannel}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/pipe.7.html">pipe(7)</a>
 * @since 0.1
 */
public final class PipeChannel extends LoopChannel implements ByteStream, ScatteringByteChannel {
    private static final Adoption ADOPTION =
            new Adoption(
                    PipeChannel.class,
                    "a pipe, terminal or another byte stream that is not a socket",
                    kind ->
                            !kind.type().isSocket()
                                    && kind.type() != DescriptorKind.Type.DIRECTORY);

    /**
     * The two ends of a pipe.
     *
     * @param source the end to read from
     * @param sink the end to write to
     */
    public record Ends(PipeChannel source, PipeChannel sink) {}

    private final boolean isOfJdk;

    private PipeChannel(Uloop loop, int fd) {
        super(loop, fd);
        isOfJdk = false;
    }

    private PipeChannel(Uloop loop, int fd, SelectableChannel end) {
        super(loop, fd, end);
        isOfJdk = true;
    }

    /**
     * Opens a pipe.
     *
     * @param loop the loop that will serve both ends
     * @return the two ends; close each of them
     * @throws IOException EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/pipe.2.html">pipe(2)</a>
     */
    public static Ends open(Uloop loop) throws IOException {
        Descriptors.Pipe pipe = loop.descriptors().pipe();
        return new Ends(
                new PipeChannel(loop, pipe.readEnd()), new PipeChannel(loop, pipe.writeEnd()));
    }

    /**
     * Takes over a descriptor that other code has opened. Makes it non-blocking and, above 2,
     * close-on-exec. Processes that share its open file share the non-blocking mode, see {@link
     * #restoreBlockingAtEnd}.
     *
     * @param loop the loop that will serve it
     * @param fd one of the loop's {@link Uloop#descriptors}, not registered; owned by the channel
     *     from now on
     * @return the channel
     * @throws IOException EINVAL if the descriptor is a socket or a directory, EBADF; the
     *     descriptor then stays the caller's and unchanged
     */
    public static PipeChannel adopt(Uloop loop, int fd) throws IOException {
        return ADOPTION.of(loop, fd, kind -> new PipeChannel(loop, fd));
    }

    /**
     * Takes over one end of a pipe of the JDK and makes it non-blocking.
     *
     * @param loop the loop that will serve it
     * @param end a {@link Pipe.SourceChannel} or {@link Pipe.SinkChannel}, closed with this channel
     * @return the channel, which cannot be detached
     * @throws IllegalArgumentException if it is another channel
     * @throws UnsupportedOperationException as {@link Descriptors#fileno}
     * @throws IOException {@link java.nio.channels.ClosedChannelException} if the end is closed
     */
    public static PipeChannel adopt(Uloop loop, SelectableChannel end) throws IOException {
        if (!(end instanceof Pipe.SourceChannel || end instanceof Pipe.SinkChannel)) {
            throw new IllegalArgumentException("cannot adopt " + end + ": it is no end of a pipe");
        }
        end.configureBlocking(false);
        return new PipeChannel(loop, loop.descriptors().fileno(end), end);
    }

    /**
     * {@inheritDoc}
     *
     * @throws UnsupportedOperationException if the descriptor belongs to a channel of the JDK
     */
    @Override
    public int detach() throws IOException {
        if (isOfJdk) {
            throw new UnsupportedOperationException(
                    "cannot detach " + this + ": its descriptor belongs to a channel of the JDK");
        }
        return super.detach();
    }

    @Override
    public int directions() throws IOException {
        return kept(io().directions(openFd()));
    }

    /** {@return false: a pipe has one direction, and a terminal cannot end one of two} */
    @Override
    public boolean canHalfClose() {
        return false;
    }

    @Override
    public long transfer(FileChannel source, long position, long count) throws IOException {
        return kept(io().transfer(source, position, count, openFd()));
    }

    /** Does nothing: only {@link #close} ends this stream. */
    @Override
    public void shutdownOutput() {}

    /** Closes this channel. Bytes that a pipe holds can still be read at its other end. */
    @Override
    public void reset() throws IOException {
        close();
    }

    /**
     * {@inheritDoc}
     *
     * @param target gets the bytes
     * @return bytes read; 0 if it would block or the buffer is full; -1 at the end of the stream,
     *     also if no process has the other side of a pseudo-terminal open
     * @throws NonReadableChannelException if this is the write end
     * @throws IOException EIO and others
     */
    @Override
    public int read(ByteBuffer target) throws IOException {
        try {
            return kept(io().read(openFd(), target));
        } catch (PollerException e) {
            return endOrThrow(e);
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
            return kept(io().read(openFd(), targets, offset, length));
        } catch (PollerException e) {
            return endOrThrow(e);
        }
    }

    /**
     * {@inheritDoc}
     *
     * @param source holds the bytes
     * @return bytes written, possibly fewer than remain in the buffer; 0 if it would block
     * @throws NonWritableChannelException if this is the read end
     * @throws IOException EPIPE if the read end is closed
     */
    @Override
    public int write(ByteBuffer source) throws IOException {
        try {
            return kept(io().write(openFd(), source));
        } catch (PollerException e) {
            throw refused(e, new NonWritableChannelException());
        }
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, sources.length);
        try {
            return kept(io().write(openFd(), sources, offset, length));
        } catch (PollerException e) {
            throw refused(e, new NonWritableChannelException());
        }
    }

    /**
     * Returns -1 if the failure is that of a pseudo-terminal's master which no process has open on
     * the other side. Linux fails with EIO, and other systems return the end of the stream.
     */
    private int endOrThrow(PollerException failure) throws IOException {
        if (failure.errno() == Errno.EIO && isTerminalMaster()) {
            return -1;
        }
        throw refused(failure, new NonReadableChannelException());
    }

    private boolean isTerminalMaster() throws IOException {
        try {
            var unused = kept(NativeDescriptors.of(loop().provider()).ptsname(openFd()));
            return true;
        } catch (PollerException | UnsupportedOperationException e) {
            return false;
        }
    }

    /**
     * Returns the failure, unless it is EBADF and the descriptor is open. Then the channel has the
     * other direction, and this throws.
     */
    private PollerException refused(PollerException failure, IllegalStateException otherWay)
            throws IOException {
        if (failure.errno() == Errno.EBADF && isKnown()) {
            otherWay.initCause(failure);
            throw otherWay;
        }
        return failure;
    }

    /**
     * Returns whether the descriptor is open. An open one is a socket or fails with another errno.
     */
    private boolean isKnown() throws IOException {
        try {
            var unused = kept(io().localAddress(openFd()));
            return true;
        } catch (PollerException e) {
            return e.errno() != Errno.EBADF;
        }
    }
}
