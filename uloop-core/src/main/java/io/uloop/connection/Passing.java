package io.uloop.connection;

import io.uloop.net.UnixChannel;
import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Receives bytes and the descriptors that were passed with them.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class Passing {
    /** The most descriptors that one message carries, SCM_MAX_FD. */
    static final int MAX = 253;

    private static final int[] NONE = {};

    private final int[] arrived;

    Passing(int max) {
        arrived = new int[max];
        arrived[0] = Descriptors.NONE;
    }

    /** Reads from a channel, as {@link UnixChannel#read(ByteBuffer)} does. */
    int read(UnixChannel channel, ByteBuffer target) throws IOException {
        return channel.receiveDescriptors(target, arrived);
    }

    /** Returns the descriptors of the last read, which the caller owns. */
    int[] take() {
        int count = 0;
        while (count < arrived.length && arrived[count] != Descriptors.NONE) {
            count++;
        }
        if (count == 0) {
            return NONE;
        }
        int[] taken = Arrays.copyOf(arrived, count);
        arrived[0] = Descriptors.NONE;
        return taken;
    }

    /** Closes descriptors. */
    static void close(Descriptors io, int[] descriptors) throws PollerException {
        PollerException failure = null;
        for (int descriptor : descriptors) {
            try {
                io.close(descriptor);
            } catch (PollerException e) { // it is closed nevertheless
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Returns the channel of a connection if it can pass descriptors. */
    static UnixChannel socket(Object connection, @Nullable Object channel) {
        if (!(channel instanceof UnixChannel socket)) {
            throw new UnsupportedOperationException(
                    "cannot pass descriptors over "
                            + connection
                            + ": that needs a unix-domain socket without TLS");
        }
        io(socket);
        return socket;
    }

    /** Returns the I/O of a channel, which must be of a native backend. */
    static NativeDescriptors io(UnixChannel channel) {
        return NativeDescriptors.of(channel.loop().provider());
    }

    /** Checks the arguments of a send. */
    static void check(ByteBuffer source, int[] descriptors) {
        if (!source.hasRemaining() || descriptors.length == 0 || descriptors.length > MAX) {
            throw new IllegalArgumentException(
                    "cannot pass "
                            + descriptors.length
                            + " descriptors with "
                            + source.remaining()
                            + " bytes; pass 1 to "
                            + MAX
                            + " with 1 byte or more");
        }
    }
}
