package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.DatagramAddress;
import io.uloop.poller.DatagramBatch;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.lang.ref.Reference;
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
 * A UDP socket on a loop. {@code receive} and {@code send} never wait; they move one datagram, with
 * or without an object for its address, or a {@link DatagramBatch}, which is the fastest.
 * Connected, it is a byte channel as well: one read or write is one datagram of or to the peer.
 */
public final class UdpChannel extends LoopSocket
        implements ByteChannel, GatheringByteChannel, ScatteringByteChannel {
    private static final DatagramAddress PEER = new DatagramAddress();

    private boolean connected;

    private UdpChannel(Uloop loop, ProtocolFamily family, int fd) {
        super(loop, family, fd);
    }

    /**
     * Opens an unbound socket; {@link #bind} or the first {@code send} gives it a port.
     *
     * @param loop the loop that will serve it
     * @param family INET or INET6 of {@link java.net.StandardProtocolFamily}
     * @return the channel
     * @throws UnsupportedOperationException if it is another family
     * @throws IOException EMFILE, ENFILE, EAFNOSUPPORT
     */
    public static UdpChannel open(Uloop loop, ProtocolFamily family) throws IOException {
        return new UdpChannel(loop, family, openInet(loop, family, Descriptors::openDatagram));
    }

    /**
     * Opens a socket and binds it. For one version of the internet protocol alone, {@link
     * #open(Uloop, ProtocolFamily)} it and {@link #bind} it.
     *
     * @param loop the loop that will serve it
     * @param local an {@link java.net.InetSocketAddress}; port 0 for any. For any address, the
     *     socket takes IPv4 and IPv6 where the machine has both
     * @return the channel
     * @throws java.nio.channels.UnsupportedAddressTypeException if it is another kind of address
     * @throws java.nio.channels.UnresolvedAddressException if its host name is not resolved
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/bind.2.html">bind(2)</a>
     */
    public static UdpChannel open(Uloop loop, SocketAddress local) throws IOException {
        return openBound(local, family -> open(loop, family), channel -> channel.bind(local));
    }

    @Override
    public UdpChannel bind(@Nullable SocketAddress local) throws IOException {
        bindInet(local);
        return this;
    }

    /**
     * Receives one datagram; what does not fit in the buffer is lost.
     *
     * @param target gets the bytes, none for an empty datagram
     * @return the sender; null if none is waiting
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link Descriptors#receive(int, ByteBuffer)}
     */
    public @Nullable SocketAddress receive(ByteBuffer target) throws IOException {
        try {
            return io().receive(openFd(), target);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Sends the buffer's rest as one datagram.
     *
     * @param source holds the bytes; consumed whole or not at all
     * @param target an {@link java.net.InetSocketAddress}
     * @return bytes sent; 0 if it would block, and for an empty datagram
     * @throws java.nio.channels.UnsupportedAddressTypeException if it is another kind of address
     * @throws java.nio.channels.UnresolvedAddressException if its host name is not resolved
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EMSGSIZE, ECONNREFUSED, ENETUNREACH
     */
    public int send(ByteBuffer source, SocketAddress target) throws IOException {
        requireInet(target);
        try {
            return io().send(openFd(), source, target);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Receives one datagram without making an object; what does not fit in the buffer is lost.
     *
     * @param target gets the bytes
     * @param sender becomes the sender
     * @return bytes received, 0 for an empty datagram; {@link Descriptors#NONE} if none is waiting
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link Descriptors#receive(int, ByteBuffer, DatagramAddress)}
     */
    public int receive(ByteBuffer target, DatagramAddress sender) throws IOException {
        try {
            return io().receive(openFd(), target, sender);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Sends the buffer's rest as one datagram without making an object.
     *
     * @param source holds the bytes; consumed whole or not at all
     * @param target the receiver; if it is none, the peer of {@link #connect}
     * @return bytes sent; 0 if it would block, and for an empty datagram
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link Descriptors#send(int, ByteBuffer, DatagramAddress)}
     */
    public int send(ByteBuffer source, DatagramAddress target) throws IOException {
        try {
            return io().send(openFd(), source, target);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Receives the datagrams that are waiting, as many as the batch has slots.
     *
     * @param batch gets them in its first slots
     * @return how many slots it got; 0 if no datagram is waiting
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link Descriptors#receive(int, DatagramBatch)}
     */
    public int receive(DatagramBatch batch) throws IOException {
        try {
            return io().receive(openFd(), batch);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Sends slots of a batch in order; may send fewer than asked.
     *
     * @param batch holds the datagrams
     * @param from the first slot, 0 or more
     * @param count how many slots
     * @return how many slots were sent whole; 0 if it would block
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link Descriptors#send(int, DatagramBatch, int, int)}
     * @throws IndexOutOfBoundsException if there are no such slots
     */
    public int send(DatagramBatch batch, int from, int count) throws IOException {
        try {
            return io().send(openFd(), batch, from, count);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Fixes the peer: datagrams of others are not received any more, and a refused one is told by
     * the next call.
     *
     * @param remote an {@link java.net.InetSocketAddress}
     * @throws java.nio.channels.UnsupportedAddressTypeException if it is another kind of address
     * @throws java.nio.channels.UnresolvedAddressException if its host name is not resolved
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ENETUNREACH
     * @see <a href="https://man7.org/linux/man-pages/man2/connect.2.html">connect(2)</a>
     */
    public void connect(SocketAddress remote) throws IOException {
        requireInet(remote);
        try {
            io().connect(openFd(), remote);
            connected = true;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * The peer of {@link #connect}.
     *
     * @return the address; null if there is none
     * @throws IOException {@link java.nio.channels.ClosedChannelException} if this is closed
     */
    public @Nullable SocketAddress getRemoteAddress() throws IOException {
        try {
            return io().remoteAddress(openFd());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Receives one datagram of the peer; what does not fit in the buffer is lost.
     *
     * @param target gets the bytes
     * @return bytes received; 0 if none is waiting, for an empty one and if the buffer is full
     * @throws NotYetConnectedException if there is no peer
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ECONNREFUSED if an earlier one was refused
     */
    @Override
    public int read(ByteBuffer target) throws IOException {
        try {
            return io().read(connectedFd(), target);
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
            return io().read(connectedFd(), targets, offset, length);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Sends the buffer's rest as one datagram to the peer; NIO sends no empty one.
     *
     * @param source holds the bytes; consumed whole or not at all
     * @return bytes sent; 0 if it would block, and for an empty datagram
     * @throws NotYetConnectedException if there is no peer
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EMSGSIZE, ECONNREFUSED, ENETUNREACH
     */
    @Override
    public int write(ByteBuffer source) throws IOException {
        try {
            return io().send(connectedFd(), source, PEER);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    /**
     * Sends the rests of all buffers as one datagram to the peer.
     *
     * @throws NotYetConnectedException if there is no peer
     * @throws IOException as {@link #write(ByteBuffer)}
     */
    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, sources.length);
        try {
            return io().write(connectedFd(), sources, offset, length);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private int connectedFd() throws IOException {
        int fd = openFd();
        if (!connected) {
            throw new NotYetConnectedException();
        }
        return fd;
    }

    @Override
    int openAnother(ProtocolFamily family) throws IOException {
        return io().openDatagram(family);
    }
}
