package io.uloop.source;

import io.uloop.poller.UEvent;
import java.io.IOException;

/** An incoming stream of bytes on one descriptor. Each event causes one read. */
final class InputSource {
    final Source source;
    private final Input input;

    InputSource(Source source, InputHandler handler) {
        this.source = source;
        input = new Input(handler);
    }

    /** Registers the source. Closes it on failure. */
    void join() throws IOException {
        source.joinOrClose(UEvent.IN, this::read);
    }

    void pause() throws IOException {
        source.deregister();
    }

    void resume() throws IOException {
        input.resume(source, this::read);
    }

    private void read(int fd, int events) throws Exception {
        input.read(source, null);
    }
}
