package io.uloop.net;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.lang.ref.Reference;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A UDP socket on a loop. {@link #receive} and {@link #send} move one datagram and never wait. */
public final class UdpChannel extends LoopSocket {
    private static final Set<SocketOption<?>> OPTIONS =
            options(
                    StandardSocketOptions.SO_SNDBUF,
                    StandardSocketOptions.SO_RCVBUF,
                    StandardSocketOptions.SO_REUSEADDR,
                    StandardSocketOptions.SO_REUSEPORT,
                    StandardSocketOptions.SO_BROADCAST,
                    StandardSocketOptions.IP_TOS,
                    StandardSocketOptions.IP_MULTICAST_IF,
                    StandardSocketOptions.IP_MULTICAST_TTL,
                    StandardSocketOptions.IP_MULTICAST_LOOP);

    private UdpChannel(Uloop loop, int fd) {
        super(loop, fd);
    }

    /**
     * Opens an unbound socket; {@link #bind} or the first {@link #send} gives it a port.
     *
     * @param loop the loop that will serve it
     * @param family INET or INET6 of {@link java.net.StandardProtocolFamily}
     * @return the channel
     * @throws UnsupportedOperationException if it is another family
     * @throws IOException EMFILE, ENFILE, EAFNOSUPPORT
     */
    public static UdpChannel open(Uloop loop, ProtocolFamily family) throws IOException {
        return new UdpChannel(loop, openInet(loop, family, Descriptors::openDatagram));
    }

    /**
     * Opens a socket and binds it.
     *
     * @param loop the loop that will serve it
     * @param local an {@link java.net.InetSocketAddress}; port 0 for any
     * @return the channel
     * @throws java.nio.channels.UnsupportedAddressTypeException if it is another kind of address
     * @throws java.nio.channels.UnresolvedAddressException if its host name is not resolved
     * @throws IOException EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/bind.2.html">bind(2)</a>
     */
    public static UdpChannel open(Uloop loop, SocketAddress local) throws IOException {
        return orClose(open(loop, inetFamily(local)), channel -> channel.bind(local));
    }

    @Override
    public UdpChannel bind(@Nullable SocketAddress local) throws IOException {
        bindInet(local);
        return this;
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return OPTIONS;
    }

    /**
     * Receives one datagram; what does not fit in the buffer is lost.
     *
     * @param target gets the bytes, none for an empty datagram
     * @return the sender; null if none is waiting
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException as {@link Descriptors#receive}
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
     * @param target the receiver
     * @return bytes sent; 0 if it would block, and for an empty datagram
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EMSGSIZE, ECONNREFUSED, ENETUNREACH
     */
    public int send(ByteBuffer source, SocketAddress target) throws IOException {
        try {
            return io().send(openFd(), source, target);
        } finally {
            Reference.reachabilityFence(this);
        }
    }
}
