package io.uloop.source;

import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An outgoing stream of bytes on one descriptor, and the handler that waits until it is writable.
 */
final class OutputSource {
    final Source source;
    private @Nullable WriteHandler waiting;

    OutputSource(Source source) {
        this.source = source;
    }

    int write(ByteBuffer bytes) throws IOException {
        return source.write(bytes);
    }

    void awaitWritable(WriteHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        source.requireOpen();
        source.register(UEvent.OUT, this::writable);
        waiting = handler;
    }

    /** Called on OUT, and on ERR if there is no reader left. */
    private void writable(int fd, int events) throws Exception {
        source.deregister();
        WriteHandler handler = waiting;
        waiting = null;
        if (handler != null) {
            handler.writable();
        }
    }
}
