package io.uloop.source;

import io.uloop.EventHandler;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Takes the 8 bytes that an eventfd or timerfd gives. */
final class Count implements EventHandler {
    private final Source source;
    private final CountHandler handler;
    private final ByteBuffer bytes =
            ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());

    private Count(Source source, CountHandler handler) {
        this.source = source;
        this.handler = handler;
    }

    static void join(Source source, CountHandler handler) throws IOException {
        source.joinOrClose(UEvent.IN, new Count(source, handler));
    }

    @Override
    public void processEvent(int fd, int events) throws Exception {
        if (read(fd)) {
            handler.counted(bytes.getLong(0));
        }
    }

    /** False if it was taken, or the timer set anew, since it was ready. */
    private boolean read(int fd) throws IOException {
        try {
            return source.descriptors().read(fd, bytes.clear()) == Long.BYTES;
        } catch (IOException e) {
            source.leaveAfter(e);
            throw e;
        }
    }
}
