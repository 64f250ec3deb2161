package io.uloop.connection;

import io.uloop.net.ByteStream;
import io.uloop.net.UnixChannel;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Descriptors that wait to be passed with the next byte. It holds duplicates, so that the user may
 * close the descriptors at once.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class DescriptorPart extends QueuedPart {
    private final NativeDescriptors io;
    private int[] copies;

    /** Duplicates descriptors. */
    DescriptorPart(NativeDescriptors io, int[] descriptors) throws IOException {
        this.io = io;
        copies = new int[descriptors.length];
        int count = 0;
        try {
            for (int descriptor : descriptors) {
                copies[count] = io.dup(descriptor);
                count++;
            }
        } finally {
            if (count < copies.length) {
                copies = Arrays.copyOf(copies, count);
                drop();
            }
        }
    }

    @Override
    long bytes() {
        return 0;
    }

    @Override
    boolean isDone() {
        return copies.length == 0;
    }

    @Override
    long send(ByteStream stream, ByteBuffer next) throws IOException {
        int taken = ((UnixChannel) stream).sendDescriptors(next, copies);
        if (taken > 0) {
            drop();
        }
        return taken;
    }

    @Override
    int copy(ByteBuffer target) {
        throw new IllegalStateException("descriptors are not bytes");
    }

    @Override
    void drop() {
        int[] open = copies;
        copies = new int[0];
        for (int copy : open) {
            close(copy);
        }
    }

    private void close(int copy) {
        try {
            io.close(copy);
        } catch (PollerException e) {
            // EIO belongs to the file, which its user has open too. The copy is closed.
        }
    }
}
