package io.uloop.connection;

import io.uloop.net.ByteStream;
import io.uloop.net.StreamChannel;
import io.uloop.net.UnixChannel;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a connection offers of its socket: addresses, options and passed descriptors.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
abstract class SocketTransport extends Transport {
    /** The IPv4 address and port of the peer; 0 if it has none. An object would be larger. */
    private long remoteIpv4;

    /** The address of the peer if it is no IPv4 address. */
    private @Nullable SocketAddress remoteOther;

    SocketTransport(ByteStream channel, ConnectionOptions options, Phase first) {
        super(channel, options, first);
    }

    /** Returns whether bytes are sent as they are. */
    abstract boolean isPlain();

    /** {@return whether the caller should continue to write} */
    public abstract boolean isWritable();

    /** Throws {@link IllegalStateException} on a thread other than the loop's. */
    final void checkThread() {
        loop().checkThread();
    }

    /**
     * Begins to send. A fiber is pinned until {@link #endSending}: if a lock suspended it, others
     * would send in between and overwrite the loop's buffers.
     *
     * @return passed to {@link #endSending}
     * @throws IllegalStateException on a thread other than the loop's
     */
    final boolean beginSending() {
        return shared().loop.claim();
    }

    final void endSending(boolean begun) {
        shared().loop.release(begun);
    }

    /** {@return the local address; null if there is none} */
    public final @Nullable SocketAddress localAddress() throws IOException {
        return channel instanceof StreamChannel socket ? socket.getLocalAddress() : null;
    }

    /** Notes the address of the peer, which a reset or closed socket no longer knows. */
    final void noteRemote() throws IOException {
        SocketAddress remote = channel instanceof StreamChannel socket ? remoteOf(socket) : null;
        if (remote instanceof InetSocketAddress inet
                && inet.getAddress() instanceof Inet4Address address) {
            int bits = ByteBuffer.wrap(address.getAddress()).getInt();
            remoteIpv4 = (long) bits << Integer.SIZE | inet.getPort();
        } else {
            remoteOther = remote;
        }
    }

    private static @Nullable SocketAddress remoteOf(StreamChannel socket) throws IOException {
        try {
            return socket.getRemoteAddress();
        } catch (PollerException e) {
            if (e.errno() != Errno.EINVAL) { // macOS: the peer is already gone
                throw e;
            }
            return null;
        }
    }

    /** {@return the address of the peer; null if there is none} */
    public final @Nullable SocketAddress remoteAddress() {
        if (remoteIpv4 == 0) {
            return remoteOther;
        }
        byte[] bits = new byte[Integer.BYTES];
        ByteBuffer.wrap(bits).putInt((int) (remoteIpv4 >>> Integer.SIZE));
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bits), (int) remoteIpv4 & 0xFFFF);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of 4 bytes is legal", e);
        }
    }

    /** {@return the channel} */
    public final ByteStream channel() {
        return channel;
    }

    /** Sets a socket option. */
    public final <T> void setOption(SocketOption<T> option, T value) throws IOException {
        socket(option).setOption(option, value);
    }

    /** Returns the value of a socket option. */
    public final <T> @Nullable T getOption(SocketOption<T> option) throws IOException {
        return socket(option).getOption(option);
    }

    private StreamChannel socket(SocketOption<?> option) {
        if (channel instanceof StreamChannel socket) {
            return socket;
        }
        throw new UnsupportedOperationException(
                channel + " is not a socket, so it has no option " + option);
    }

    /** Sends bytes and descriptors, or drops them if the output is closed. */
    public final boolean sendDescriptors(ByteBuffer source, int... descriptors) {
        checkThread();
        Passing.check(source, descriptors);
        UnixChannel socket = Passing.socket(this, isPlain() ? channel : null);
        boolean begun = beginSending();
        try {
            if (takesBytes()) {
                boolean wasPending = output.isPending();
                sent(output.send(socket, source, descriptors, this), wasPending);
            }
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
        } finally {
            endSending(begun);
        }
        source.position(source.limit());
        return isWritable();
    }
}
