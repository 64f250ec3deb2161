package io.uloop.source;

import io.uloop.EventHandler;
import io.uloop.poller.Descriptors;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads a stream of bytes, once per event, and hands them on. */
final class Input {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final InputHandler handler;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    private boolean over;

    Input(InputHandler handler) {
        this.handler = handler;
    }

    /** Whether the handler has heard that nothing more comes. */
    boolean isOver() {
        return over;
    }

    /** The stream is another one from here on. */
    void restart() {
        over = false;
    }

    /** Joins the loop again, unless that is over. */
    void resume(Source source, EventHandler reader) throws IOException {
        source.requireOpen();
        if (!over) {
            source.watch(UEvent.IN, reader);
        }
    }

    /**
     * Reads once.
     *
     * @param endErrno what a read fails with at the end of such a stream; may be empty
     * @return whether bytes have come
     */
    boolean read(Source source, String endErrno) throws Exception {
        int moved;
        try {
            moved = read(source.descriptors(), source.fd(), endErrno);
        } catch (IOException e) {
            over = true;
            source.leaveAfter(e);
            handler.failed(e);
            return false;
        }
        if (moved < 0) {
            over = true;
            source.leave();
            handler.ended();
        } else if (moved > 0) {
            handler.received(buffer.flip());
        }
        return moved > 0;
    }

    private int read(Descriptors descriptors, int fd, String endErrno) throws IOException {
        try {
            return descriptors.read(fd, buffer.clear());
        } catch (PollerException e) {
            if (e.errno().equals(endErrno)) {
                return -1;
            }
            throw e;
        }
    }
}
