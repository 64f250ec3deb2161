package io.uloop.net;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.lang.ref.Reference;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A connection on a loop. Reads and writes go to the kernel once and never wait: 0 means "would
 * block", and a write may take a part, so keep the buffer and go on when OUT is reported.
 */
public abstract sealed class StreamChannel extends LoopSocket
        implements ByteChannel, GatheringByteChannel, ScatteringByteChannel
        permits TcpChannel, UnixChannel {
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
     * The interest with which a connection registers once and for all where the backend can: for
     * IN, OUT, PRI, RDHUP and EDGE. Then no {@link #modify} follows, but every event must be
     * answered by reading, and what is to be written by writing, until it would block. A TCP
     * connection has also been drained by a read that comes up short, unless the event had PRI,
     * RDHUP, HUP or ERR: there may be more behind an urgent byte, and the end or the error is still
     * to be read. (A unix-domain one comes up short at passed descriptors too, which no event
     * tells.) Elsewhere it is IN, and OUT comes and goes by {@link #modify}, as it would be
     * reported all the time.
     *
     * @param loop the loop where it will be registered
     * @return has {@link UEvent#EDGE} or not, which is how to tell the two
     */
    public static int interestOn(Uloop loop) {
        boolean edges = (loop.provider().supportedEvents() & EDGES) == EDGES;
        return edges ? EDGES : UEvent.IN;
    }

    /**
     * Starts to connect. {@link #register(int, EventHandler) Register} it for OUT, then call {@link
     * #finishConnect}; that is right also when it is connected at once.
     *
     * @param remote of the socket's kind
     * @return true if connected at once
     * @throws java.nio.channels.UnsupportedAddressTypeException if it is another kind of address
     * @throws java.nio.channels.UnresolvedAddressException if its host name is not resolved
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ECONNREFUSED, ENETUNREACH, EISCONN, EALREADY; EAGAIN if the backlog of a
     *     unix-domain listener is full, ENOENT if its path does not exist
     * @see <a href="https://man7.org/linux/man-pages/man2/connect.2.html">connect(2)</a>
     */
    public final boolean connect(SocketAddress remote) throws IOException {
        requireAddress(remote);
        try {
            return io().connect(openFd(), remote);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Asks how the connect has ended.
     *
     * @return true if connected; false if still in progress
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ECONNREFUSED, ETIMEDOUT and so on if it failed; then close the channel
     */
    public final boolean finishConnect() throws IOException {
        try {
            return io().finishConnect(openFd());
        } finally {
            Reference.reachabilityFence(this);
        }
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
        try {
            int fd = openFd();
            return inputShut ? -1 : io().read(fd, target);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public final long read(ByteBuffer[] targets) throws IOException {
        return read(targets, 0, targets.length);
    }

    @Override
    public final long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, targets.length);
        try {
            int fd = openFd();
            return inputShut ? -1 : io().read(fd, targets, offset, length);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * {@inheritDoc}
     *
     * @param source holds the bytes
     * @return bytes written, perhaps fewer than there are; 0 if it would block
     * @throws IOException EPIPE, ECONNRESET, ETIMEDOUT
     */
    @Override
    public final int write(ByteBuffer source) throws IOException {
        try {
            return io().write(openFd(), source);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public final long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    @Override
    public final long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, sources.length);
        try {
            return io().write(openFd(), sources, offset, length);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Writes bytes of a file once, without copying them where the system and the JVM allow it; may
     * write less than asked. {@link FileChannel#transferTo} works too, but copies.
     *
     * @param source a file open for reading; its own position stays as it is
     * @param position where in the file to begin, 0 or more
     * @param count how many bytes at most, 0 or more
     * @return bytes written; 0 if it would block or the count is 0; -1 if the position is at the
     *     end of the file or behind it
     * @throws java.nio.channels.ClosedChannelException if this or the file is closed
     * @throws java.nio.channels.NonReadableChannelException if the file is not open for reading
     * @throws IllegalArgumentException if the position or the count is negative
     * @throws IOException as {@link io.uloop.poller.Descriptors#transfer}
     */
    public final long transfer(FileChannel source, long position, long count) throws IOException {
        try {
            return io().transfer(source, position, count, openFd());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Ends the incoming direction: every read answers -1 from then on, whatever is left or still
     * comes.
     *
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ENOTCONN
     * @see <a href="https://man7.org/linux/man-pages/man2/shutdown.2.html">shutdown(2)</a>
     */
    public final void shutdownInput() throws IOException {
        try {
            io().shutdownInput(openFd());
            inputShut = true; // Linux would go on to hand over what arrives
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Ends the outgoing direction: the peer reads the end of the stream.
     *
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ENOTCONN
     * @see <a href="https://man7.org/linux/man-pages/man2/shutdown.2.html">shutdown(2)</a>
     */
    public final void shutdownOutput() throws IOException {
        try {
            io().shutdownOutput(openFd());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * The address of the peer.
     *
     * @return the address; null while unconnected
     * @throws IOException {@link java.nio.channels.ClosedChannelException} if this is closed
     */
    public final @Nullable SocketAddress getRemoteAddress() throws IOException {
        try {
            return io().remoteAddress(openFd());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Refuses an address of another kind. */
    abstract void requireAddress(SocketAddress address);

    /** Closes so that the peer gets a reset, where the kind of socket has one. */
    final void reset() throws IOException {
        try (this) {
            if (this instanceof TcpChannel) {
                setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (PollerException e) {
            if (!e.errno().equals("EINVAL")) { // macOS: the peer has gone already
                throw e;
            }
        }
    }
}
