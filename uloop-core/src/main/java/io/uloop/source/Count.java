package io.uloop.source;

import io.uloop.EventHandler;
import io.uloop.poller.UEvent;
import io.uloop.stream.Source;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads the 8-byte counter of an eventfd or timerfd. */
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

    /** Returns false if the count has been read, or the timer set, since it became readable. */
    private boolean read(int fd) throws IOException {
        try {
            return source.descriptors().read(fd, bytes.clear()) == Long.BYTES;
        } catch (IOException e) {
            source.deregister();
            throw e;
        }
    }
}
