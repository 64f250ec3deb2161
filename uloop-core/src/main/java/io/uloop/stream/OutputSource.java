package io.uloop.stream;

import io.uloop.LoopTask;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An outgoing stream of bytes on one descriptor, and the handler that waits until it is writable.
 */
public final class OutputSource {
    private final Source source;
    private @Nullable LoopTask waiting;

    /**
     * Creates an output.
     *
     * @param source its descriptor
     */
    public OutputSource(Source source) {
        this.source = source;
    }

    /** {@return the descriptor} */
    public Source source() {
        return source;
    }

    /**
     * Writes once.
     *
     * @param bytes the bytes to write
     * @return bytes written; 0 if the write would block
     * @throws IOException if the write fails
     */
    public int write(ByteBuffer bytes) throws IOException {
        return source.write(bytes);
    }

    /**
     * Calls a handler once, when the descriptor is writable or has no reader left. Replaces a
     * handler that is still waiting.
     *
     * @param handler the handler
     * @throws IOException ENOMEM or ENOSPC
     */
    public void awaitWritable(LoopTask handler) throws IOException {
        source.requireOpen();
        source.register(UEvent.OUT, this::writable);
        waiting = handler;
    }

    /** Called on OUT, and on ERR if there is no reader left. */
    private void writable(int fd, int events) throws Exception {
        source.deregister();
        LoopTask handler = waiting;
        waiting = null;
        if (handler != null) {
            handler.run();
        }
    }
}
