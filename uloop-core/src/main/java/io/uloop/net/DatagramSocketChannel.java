package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramBatch;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ScatteringByteChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A socket on a loop that receives and sends datagrams. {@code receive} and {@code send} never
 * block. They move one datagram, with or without allocating an address, or a {@link DatagramBatch},
 * which is fastest.
 *
 * <p>A connected one is also a byte channel: each read or write is one datagram from or to the
 * peer.
 *
 * <p>The thread rules are those of {@link LoopChannel}.
 *
 * @since 0.1
 */
public abstract class DatagramSocketChannel extends LoopSocket
        implements ByteChannel, GatheringByteChannel, ScatteringByteChannel {
    private static final DatagramAddress PEER = new DatagramAddress();

    private boolean connected;

    DatagramSocketChannel(Uloop loop, ProtocolFamily family, int fd, boolean connected) {
        super(loop, family, fd);
        this.connected = connected;
    }

    /**
     * Receives one datagram. Bytes that do not fit in the buffer are lost.
     *
     * @param target gets the bytes, none for an empty datagram
     * @return the sender; null if no datagram is waiting
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link Descriptors#receive(int, ByteBuffer)}
     */
    public final @Nullable SocketAddress receive(ByteBuffer target) throws IOException {
        return kept(io().receive(openFd(), target));
    }

    /**
     * Sends the remaining bytes of a buffer as one datagram.
     *
     * @param source holds the bytes; consumed entirely or not at all
     * @param target an address of the socket's family
     * @return bytes sent; 0 if it would block, and for an empty datagram
     * @throws java.nio.channels.UnsupportedAddressTypeException if the address is of another type
     * @throws java.nio.channels.UnresolvedAddressException if the address is not resolved
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EMSGSIZE, ECONNREFUSED, ENETUNREACH
     */
    public final int send(ByteBuffer source, SocketAddress target) throws IOException {
        requireAddress(target);
        return kept(io().send(openFd(), source, target));
    }

    /**
     * Receives one datagram without allocating. Bytes that do not fit in the buffer are lost.
     *
     * @param target gets the bytes
     * @param sender is set to the sender
     * @return bytes received, 0 for an empty datagram; {@link Descriptors#NONE} if no datagram is
     *     waiting
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link Descriptors#receive(int, ByteBuffer, DatagramAddress)}
     */
    public final int receive(ByteBuffer target, DatagramAddress sender) throws IOException {
        return kept(io().receive(openFd(), target, sender));
    }

    /**
     * Sends the remaining bytes of a buffer as one datagram without allocating.
     *
     * @param source holds the bytes; consumed entirely or not at all
     * @param target the receiver; if it is unset, the peer of {@link #connect}
     * @return bytes sent; 0 if it would block, and for an empty datagram
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link Descriptors#send(int, ByteBuffer, DatagramAddress)}
     */
    public final int send(ByteBuffer source, DatagramAddress target) throws IOException {
        return kept(io().send(openFd(), source, target));
    }

    /**
     * Reads the first bytes of the next datagram and leaves it for the next receive. Requires a
     * native backend.
     *
     * @param target gets the bytes
     * @return bytes read; 0 if no datagram is waiting, for an empty datagram, and if the buffer is
     *     full
     * @throws UnsupportedOperationException on the select backend
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ECONNREFUSED if an earlier datagram was refused
     * @see <a href="https://man7.org/linux/man-pages/man2/recv.2.html">MSG_PEEK in recv(2)</a>
     */
    public final int peek(ByteBuffer target) throws IOException {
        return kept(nativeIo().peek(openFd(), target));
    }

    /**
     * Receives waiting datagrams, as many as the batch has slots.
     *
     * @param batch gets the datagrams in its first slots
     * @return the number of slots filled; 0 if no datagram is waiting
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link Descriptors#receive(int, DatagramBatch)}
     */
    public final int receive(DatagramBatch batch) throws IOException {
        return kept(io().receive(openFd(), batch));
    }

    /**
     * Sends slots of a batch in order. May send fewer slots than requested.
     *
     * @param batch holds the datagrams
     * @param from the index of the first slot, 0 or more
     * @param count the number of slots
     * @return the number of slots sent entirely; 0 if it would block
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link Descriptors#send(int, DatagramBatch, int, int)}
     * @throws IndexOutOfBoundsException if the range of slots is out of bounds
     */
    public final int send(DatagramBatch batch, int from, int count) throws IOException {
        return kept(io().send(openFd(), batch, from, count));
    }

    /**
     * Sets the peer. From then on, datagrams from other senders are not received, and an ICMP
     * refusal is reported by the next call.
     *
     * @param remote an address of the socket's family
     * @throws java.nio.channels.UnsupportedAddressTypeException if the address is of another type
     * @throws java.nio.channels.UnresolvedAddressException if the address is not resolved
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ENETUNREACH; EINVAL for port 0
     * @see <a href="https://man7.org/linux/man-pages/man2/connect.2.html">connect(2)</a>
     */
    public final void connect(SocketAddress remote) throws IOException {
        requireAddress(remote);
        io().connect(openFd(), remote);
        connected = true;
        keep();
    }

    /**
     * Removes the peer, so that this receives from any sender again. It keeps its port. Does
     * nothing without a peer.
     *
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EADDRINUSE if another socket has taken the port, which the kernel had
     *     chosen
     * @see <a href="https://man7.org/linux/man-pages/man2/connect.2.html">connect(2)</a>
     */
    public final void disconnect() throws IOException {
        io().disconnect(openFd());
        connected = false;
        keep();
    }

    /**
     * {@return the peer set by {@link #connect}; null if there is none}
     *
     * @throws IOException {@link java.nio.channels.ClosedChannelException} if this is closed
     */
    public final @Nullable SocketAddress getRemoteAddress() throws IOException {
        return kept(io().remoteAddress(openFd()));
    }

    /**
     * Receives one datagram from the peer. Bytes that do not fit in the buffer are lost.
     *
     * @param target gets the bytes
     * @return bytes received; 0 if no datagram is waiting, for an empty datagram, and if the buffer
     *     is full
     * @throws NotYetConnectedException if there is no peer
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ECONNREFUSED if an earlier datagram was refused
     */
    @Override
    public final int read(ByteBuffer target) throws IOException {
        return kept(io().read(connectedFd(), target));
    }

    @Override
    public final long read(ByteBuffer[] targets) throws IOException {
        return read(targets, 0, targets.length);
    }

    @Override
    public final long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, targets.length);
        return kept(io().read(connectedFd(), targets, offset, length));
    }

    /**
     * Sends the remaining bytes of a buffer as one datagram to the peer. The select backend sends
     * no empty datagram.
     *
     * @param source holds the bytes; consumed entirely or not at all
     * @return bytes sent; 0 if it would block, and for an empty datagram
     * @throws NotYetConnectedException if there is no peer
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EMSGSIZE, ECONNREFUSED, ENETUNREACH
     */
    @Override
    public final int write(ByteBuffer source) throws IOException {
        return kept(io().send(connectedFd(), source, PEER));
    }

    @Override
    public final long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    /**
     * Sends the remaining bytes of all buffers as one datagram to the peer.
     *
     * @throws NotYetConnectedException if there is no peer
     * @throws IOException as {@link #write(ByteBuffer)}
     */
    @Override
    public final long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, sources.length);
        return kept(io().write(connectedFd(), sources, offset, length));
    }

    /** Returns the descriptor for one operation that needs a peer. */
    final int connectedFd() throws IOException {
        int fd = openFd();
        if (!connected) {
            throw new NotYetConnectedException();
        }
        return fd;
    }

    /** Throws unless the address is of this socket's type. */
    abstract void requireAddress(SocketAddress address);
}
