package io.uloop.connection;

import io.uloop.net.ByteStream;
import io.uloop.net.StreamChannel;
import io.uloop.net.UnixChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a connection offers of its socket: addresses, options and passed descriptors.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
abstract class SocketTransport extends Transport {
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

    /** {@return the local address; null if there is none} */
    public final @Nullable SocketAddress localAddress() throws IOException {
        return channel instanceof StreamChannel socket ? socket.getLocalAddress() : null;
    }

    /** {@return the address of the peer; null if there is none} */
    public final @Nullable SocketAddress remoteAddress() throws IOException {
        return channel instanceof StreamChannel socket ? socket.getRemoteAddress() : null;
    }

    /** Sets a socket option. */
    public final <T> void setOption(SocketOption<T> option, T value) throws IOException {
        if (!(channel instanceof StreamChannel socket)) {
            throw new UnsupportedOperationException(
                    "cannot set " + option + " of " + channel + ": it is not a socket");
        }
        socket.setOption(option, value);
    }

    /** Sends bytes and descriptors, or drops them if the output is closed. */
    public final boolean sendDescriptors(ByteBuffer source, int... descriptors) {
        checkThread();
        Passing.check(source, descriptors);
        UnixChannel socket = Passing.socket(this, isPlain() ? channel : null);
        if (takesBytes()) {
            boolean wasPending = output.isPending();
            try {
                sent(output.send(socket, source, descriptors, this), wasPending);
            } catch (IOException | RuntimeException | Error e) {
                fail(e);
            }
        }
        source.position(source.limit());
        return isWritable();
    }
}
