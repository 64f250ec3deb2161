package io.uloop.stream;

import io.uloop.EventHandler;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Reads a stream of bytes, once per event, and passes them to a receiver. */
public final class Input {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final Receiver receiver;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    private boolean over;

    /**
     * Creates an input.
     *
     * @param receiver receives the bytes
     */
    public Input(Receiver receiver) {
        this.receiver = receiver;
    }

    /** {@return whether the receiver has got the end or a failure} */
    public boolean isOver() {
        return over;
    }

    /** Starts over with another stream. */
    public void restart() {
        over = false;
    }

    /**
     * Registers the source again, unless the stream has ended.
     *
     * @param source the source
     * @param reader calls {@link #read}
     * @throws IOException ENOMEM or ENOSPC
     */
    public void resume(Source source, EventHandler reader) throws IOException {
        source.requireOpen();
        if (!over) {
            source.register(UEvent.IN, reader);
        }
    }

    /**
     * Reads once.
     *
     * @param source the source
     * @param endErrno the errno of a read at the end of such a stream; null if a read returns -1
     *     there
     * @return whether bytes were read
     * @throws Exception any failure of the receiver
     */
    public boolean read(Source source, @Nullable Errno endErrno) throws Exception {
        int moved;
        try {
            moved = read(source.descriptors(), source.fd(), endErrno);
        } catch (IOException e) {
            over = true;
            source.deregister();
            receiver.failed().failed(e);
            return false;
        }
        if (moved < 0) {
            over = true;
            source.deregister();
            receiver.ended().run();
        } else if (moved > 0) {
            receiver.received().received(buffer.flip());
        }
        return moved > 0;
    }

    private int read(Descriptors descriptors, int fd, @Nullable Errno endErrno) throws IOException {
        try {
            return descriptors.read(fd, buffer.clear());
        } catch (PollerException e) {
            if (e.errno() == endErrno) {
                return -1;
            }
            throw e;
        }
    }
}
