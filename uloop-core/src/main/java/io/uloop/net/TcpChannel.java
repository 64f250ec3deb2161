package io.uloop.net;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection on a loop. Reads and writes go to the kernel once and never wait: 0 means "would
 * block", and a write may take a part, so keep the buffer and go on when OUT is reported.
 *
 * <p>{@link #register}, {@link #modify}, {@link #unregister} and {@link #close} are for the thread
 * that runs the loop, or while none does for any one thread. The other methods may be called by any
 * thread, but not while another one closes the channel.
 */
public final class TcpChannel implements ByteChannel, GatheringByteChannel, ScatteringByteChannel {
    private final Endpoint endpoint;

    TcpChannel(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    /**
     * Opens a socket and starts to connect it. {@link #register} it for OUT, then call {@link
     * #finishConnect}; that is right also when it is connected at once.
     *
     * @param loop the loop that will serve it
     * @param remote an {@link java.net.InetSocketAddress}
     * @return the channel, connecting or connected
     * @throws java.nio.channels.UnsupportedAddressTypeException if it is another kind of address
     * @throws java.nio.channels.UnresolvedAddressException if its host name is not resolved
     * @throws IOException ECONNREFUSED, ENETUNREACH, EMFILE, ENFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/connect.2.html">connect(2)</a>
     */
    public static TcpChannel connect(Uloop loop, SocketAddress remote) throws IOException {
        Descriptors descriptors = loop.descriptors();
        Endpoint endpoint = new Endpoint(loop, descriptors.openStream(Endpoint.family(remote)));
        try {
            descriptors.connect(endpoint.fd(), remote);
        } catch (IOException | RuntimeException e) {
            endpoint.closeAfter(e);
            throw e;
        }
        return new TcpChannel(endpoint);
    }

    /**
     * Asks how the connect has ended.
     *
     * @return true if connected; false if still in progress
     * @throws java.nio.channels.ClosedChannelException if this is closed
     * @throws IOException ECONNREFUSED, ETIMEDOUT and so on if it failed; then close the channel
     */
    public boolean finishConnect() throws IOException {
        return endpoint.descriptors().finishConnect(endpoint.openFd());
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
     * {@inheritDoc}
     *
     * @param target gets the bytes
     * @return bytes read; 0 if it would block or the buffer is full; -1 at the end of the stream
     * @throws IOException ECONNRESET, ETIMEDOUT
     */
    @Override
    public int read(ByteBuffer target) throws IOException {
        return endpoint.descriptors().read(endpoint.openFd(), target);
    }

    @Override
    public long read(ByteBuffer[] targets) throws IOException {
        return read(targets, 0, targets.length);
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, targets.length);
        return endpoint.descriptors().read(endpoint.openFd(), targets, offset, length);
    }

    /**
     * {@inheritDoc}
     *
     * @param source holds the bytes
     * @return bytes written, perhaps fewer than there are; 0 if it would block
     * @throws IOException EPIPE, ECONNRESET, ETIMEDOUT
     */
    @Override
    public int write(ByteBuffer source) throws IOException {
        return endpoint.descriptors().write(endpoint.openFd(), source);
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, sources.length);
        return endpoint.descriptors().write(endpoint.openFd(), sources, offset, length);
    }

    /**
     * Ends the incoming direction.
     *
     * @throws IOException ENOTCONN
     */
    public void shutdownInput() throws IOException {
        endpoint.descriptors().shutdownInput(endpoint.openFd());
    }

    /**
     * Ends the outgoing direction: the peer reads the end of the stream.
     *
     * @throws IOException ENOTCONN
     */
    public void shutdownOutput() throws IOException {
        endpoint.descriptors().shutdownOutput(endpoint.openFd());
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
     * The address of the peer.
     *
     * @return the address; null while unconnected
     * @throws IOException {@link java.nio.channels.ClosedChannelException} if this is closed
     */
    public @Nullable SocketAddress remoteAddress() throws IOException {
        return endpoint.remoteAddress();
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

    void closeAfter(Throwable failure) {
        endpoint.closeAfter(failure);
    }

    @Override
    public String toString() {
        return endpoint.describe("TcpChannel");
    }
}
