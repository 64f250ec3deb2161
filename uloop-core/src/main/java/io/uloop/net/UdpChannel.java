package io.uloop.net;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket on a loop. {@link #receive} and {@link #send} move one datagram and never wait.
 *
 * <p>{@link #register}, {@link #modify}, {@link #unregister} and {@link #close} are for the thread
 * that runs the loop, or while none does for any one thread. The other methods may be called by any
 * thread, but not while another one closes the channel.
 */
public final class UdpChannel implements Channel {
    private final Endpoint endpoint;

    private UdpChannel(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    /**
     * Opens an unbound socket; the first {@link #send} gives it a port.
     *
     * @param loop the loop that will serve it
     * @param family INET or INET6 of {@link java.net.StandardProtocolFamily}
     * @return the channel
     * @throws IOException EMFILE, ENFILE, EAFNOSUPPORT
     */
    public static UdpChannel open(Uloop loop, ProtocolFamily family) throws IOException {
        return new UdpChannel(new Endpoint(loop, loop.descriptors().openDatagram(family)));
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
        Descriptors descriptors = loop.descriptors();
        UdpChannel channel = open(loop, Endpoint.family(local));
        try {
            descriptors.bind(channel.fd(), local);
        } catch (IOException | RuntimeException e) {
            channel.endpoint.closeAfter(e);
            throw e;
        }
        return channel;
    }

    /**
     * Joins the loop.
     *
     * @param interest as for {@link Uloop#add(int, int, EventHandler)}
     * @param handler gets the events
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException EEXIST if registered already; ENOMEM, ENOSPC
     */
    public void register(int interest, EventHandler handler) throws IOException {
        endpoint.register(interest, handler);
    }

    /**
     * Replaces the interest.
     *
     * @param interest as for {@link Uloop#modify(int, int)}
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ENOENT if not registered; ENOMEM, ENOSPC
     */
    public void modify(int interest) throws IOException {
        endpoint.modify(interest);
    }

    /**
     * Leaves the loop and stays open. Nothing if not registered.
     *
     * @throws IllegalStateException if it is registered and another thread runs the loop
     * @throws IOException never; declared because the loop's remove does
     */
    public void unregister() throws IOException {
        endpoint.unregister();
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
        return endpoint.descriptors().receive(endpoint.openFd(), target);
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
        return endpoint.descriptors().send(endpoint.openFd(), source, target);
    }

    /**
     * The address of this end.
     *
     * @return the address; null while unbound
     * @throws IOException {@link java.nio.channels.ClosedChannelException} if this is closed
     */
    public @Nullable SocketAddress localAddress() throws IOException {
        return endpoint.localAddress();
    }

    /**
     * Sets a socket option.
     *
     * @param <T> the option's type
     * @param option one of {@link java.net.StandardSocketOptions}
     * @param value its value
     * @throws UnsupportedOperationException if the socket has no such option
     * @throws IOException EINVAL, ENOPROTOOPT
     */
    public <T> void setOption(SocketOption<T> option, T value) throws IOException {
        endpoint.setOption(option, value);
    }

    /**
     * Reads a socket option.
     *
     * @param <T> the option's type
     * @param option one of {@link java.net.StandardSocketOptions}
     * @return its value; null where the option has none
     * @throws UnsupportedOperationException if the socket has no such option
     * @throws IOException EINVAL, ENOPROTOOPT
     */
    public <T> @Nullable T option(SocketOption<T> option) throws IOException {
        return endpoint.option(option);
    }

    /**
     * Its loop.
     *
     * @return the loop it was opened on
     */
    public Uloop loop() {
        return endpoint.loop();
    }

    /**
     * Its number.
     *
     * @return the descriptor; it stays this channel's to close
     */
    public int fd() {
        return endpoint.fd();
    }

    @Override
    public boolean isOpen() {
        return endpoint.isOpen();
    }

    /**
     * Leaves the loop and closes the socket. Any number of times.
     *
     * @throws IllegalStateException if it is registered and another thread runs the loop
     * @throws IOException EIO
     */
    @Override
    public void close() throws IOException {
        endpoint.close();
    }

    @Override
    public String toString() {
        return endpoint.describe("UdpChannel");
    }
}
