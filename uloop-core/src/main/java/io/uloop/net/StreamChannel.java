package io.uloop.net;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ScatteringByteChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A stream connection on a loop. Reads and writes call the kernel once and never block. A result of
 * 0 means that the call would block. A write may take only a part of the bytes, so keep the buffer
 * and continue when OUT is reported.
 *
 * <p>The thread rules are those of {@link LoopChannel}.
 *
 * @since 0.1
 */
public abstract class StreamChannel extends LoopSocket
        implements ByteStream, ScatteringByteChannel {
    private static final int EDGES =
            UEvent.IN | UEvent.OUT | UEvent.PRI | UEvent.RDHUP | UEvent.EDGE;

    private boolean inputShut;

    StreamChannel(Uloop loop, ProtocolFamily family, int fd) {
        super(loop, family, fd);
    }

    StreamChannel(Uloop loop, LoopSocket listener, int fd, ConnectionCount count) {
        super(loop, listener, fd, count);
    }

    StreamChannel(LoopSocket listener, int fd, ConnectionCount count) {
        super(listener, fd, count);
    }

    /**
     * Returns the interest with which a connection can register once, without a later {@link
     * #modify}: IN, OUT, PRI, RDHUP and EDGE, if the backend supports them. Otherwise returns IN.
     *
     * <p>With EDGE, each event must be answered by reading, and pending bytes by writing, until the
     * call would block. On a TCP connection, a short read has also drained the input, unless the
     * event had PRI, RDHUP, HUP or ERR. With those, there may be more bytes after an urgent byte,
     * and the end of the stream or the error is still to be read. On a unix-domain connection, a
     * read is also short at passed descriptors, and no event reports the bytes after them.
     *
     * <p>Without EDGE, add and remove OUT with {@link #modify}, because it would be reported all
     * the time.
     *
     * @param loop the loop where the connection will be registered
     * @return the interest; test {@link UEvent#EDGE} to tell the two cases apart
     */
    public static int interestOn(Uloop loop) {
        boolean edges = (loop.provider().supportedEvents() & EDGES) == EDGES;
        return edges ? EDGES : UEvent.IN;
    }

    /**
     * Starts to connect. {@link #register(int, EventHandler) Register} the channel for OUT, then
     * call {@link #finishConnect}. This also works if the connect succeeds at once.
     *
     * @param remote an address of the socket's family
     * @return true if connected at once
     * @throws java.nio.channels.UnsupportedAddressTypeException if the address is of another type
     * @throws java.nio.channels.UnresolvedAddressException if the address is not resolved
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ECONNREFUSED, ENETUNREACH, EISCONN, EALREADY; EAGAIN if the backlog of a
     *     unix-domain listener is full, ENOENT if its path does not exist
     * @see <a href="https://man7.org/linux/man-pages/man2/connect.2.html">connect(2)</a>
     */
    public final boolean connect(SocketAddress remote) throws IOException {
        requireAddress(remote);
        return kept(io().connect(openFd(), remote));
    }

    /**
     * Finishes a connect.
     *
     * @return true if connected; false if still in progress
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException if the connect failed: ECONNREFUSED, ETIMEDOUT and others; then close the
     *     channel
     */
    public final boolean finishConnect() throws IOException {
        return kept(io().finishConnect(openFd()));
    }

    /**
     * {@inheritDoc}
     *
     * @param target gets the bytes
     * @return bytes read; 0 if it would block or the buffer is full; -1 at the end of the stream
     * @throws IOException ECONNRESET, ETIMEDOUT
     */
    @Override
    public final int read(ByteBuffer target) throws IOException {
        int fd = openFd();
        return inputShut ? -1 : kept(io().read(fd, target));
    }

    @Override
    public final long read(ByteBuffer[] targets) throws IOException {
        return read(targets, 0, targets.length);
    }

    @Override
    public final long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, targets.length);
        int fd = openFd();
        return inputShut ? -1 : kept(io().read(fd, targets, offset, length));
    }

    /**
     * Reads bytes and leaves them for the next read, for example to tell protocols apart. While
     * bytes are left, a level-triggered IN is reported again. Requires a native backend.
     *
     * @param target gets the bytes
     * @return bytes read; 0 if it would block or the buffer is full; -1 at the end of the stream
     * @throws UnsupportedOperationException on the select backend
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ECONNRESET, ETIMEDOUT
     * @see <a href="https://man7.org/linux/man-pages/man2/recv.2.html">MSG_PEEK in recv(2)</a>
     */
    public final int peek(ByteBuffer target) throws IOException {
        int fd = openFd();
        return inputShut ? -1 : kept(nativeIo().peek(fd, target));
    }

    /**
     * {@inheritDoc}
     *
     * @param source holds the bytes
     * @return bytes written, possibly fewer than remain in the buffer; 0 if it would block
     * @throws IOException EPIPE, ECONNRESET, ETIMEDOUT
     */
    @Override
    public final int write(ByteBuffer source) throws IOException {
        return kept(io().write(openFd(), source));
    }

    @Override
    public final long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, sources.length);
        return kept(io().write(openFd(), sources, offset, length));
    }

    /**
     * Writes bytes of a file in one call, without copying them where the operating system and the
     * JVM support it. May write fewer bytes than requested. {@link FileChannel#transferTo} works
     * too, but copies.
     *
     * @param source a file open for reading; its position does not change
     * @param position the position of the first byte in the file, 0 or more
     * @param count the maximum number of bytes, 0 or more
     * @return bytes written; 0 if it would block or {@code count} is 0; -1 if {@code position} is
     *     at or past the end of the file
     * @throws java.nio.channels.ClosedChannelException if this or the file is closed
     * @throws java.nio.channels.NonReadableChannelException if the file is not open for reading
     * @throws IllegalArgumentException if {@code position} or {@code count} is negative
     * @throws IOException as {@link io.uloop.poller.Descriptors#transfer}
     */
    @Override
    public final long transfer(FileChannel source, long position, long count) throws IOException {
        return kept(io().transfer(source, position, count, openFd()));
    }

    @Override
    public final int directions() {
        return UEvent.IN | UEvent.OUT;
    }

    @Override
    public final boolean canHalfClose() {
        return true;
    }

    /**
     * Ends the incoming direction. From then on, every read returns -1, even if bytes are unread or
     * still arrive.
     *
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ENOTCONN
     * @see <a href="https://man7.org/linux/man-pages/man2/shutdown.2.html">shutdown(2)</a>
     */
    public final void shutdownInput() throws IOException {
        io().shutdownInput(openFd());
        inputShut = true; // Linux would still return bytes that arrive later
        keep();
    }

    /**
     * Half-closes the connection: the peer reads the end of the stream.
     *
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ENOTCONN
     * @see <a href="https://man7.org/linux/man-pages/man2/shutdown.2.html">shutdown(2)</a>
     */
    @Override
    public final void shutdownOutput() throws IOException {
        io().shutdownOutput(openFd());
        keep();
    }

    /**
     * {@return the address of the peer; null while unconnected}
     *
     * @throws IOException {@link java.nio.channels.ClosedChannelException} if this is closed
     */
    public final @Nullable SocketAddress getRemoteAddress() throws IOException {
        return kept(io().remoteAddress(openFd()));
    }

    /** Throws unless the address is of this socket's type. */
    abstract void requireAddress(SocketAddress address);

    /**
     * Closes the channel and discards bytes that the peer has not received. A TCP connection is
     * reset (RST). Idempotent.
     *
     * @throws IOException EIO
     * @see <a href="https://man7.org/linux/man-pages/man7/socket.7.html">SO_LINGER in socket(7)</a>
     */
    @Override
    public final void reset() throws IOException {
        try (this) {
            if (family() != StandardProtocolFamily.UNIX) {
                setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (PollerException e) {
            if (e.errno() != Errno.EINVAL) { // macOS: the peer is already gone
                throw e;
            }
        }
    }
}
