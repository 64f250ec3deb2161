package io.uloop.source;

import io.uloop.poller.UEvent;
import java.io.IOException;

/** One of the streams that a child writes. */
final class ChildOutput {
    private final Source source;
    private final Input input;

    ChildOutput(Source source, InputHandler handler) {
        this.source = source;
        input = new Input(handler);
    }

    /** Joins the loop; closes if it cannot. */
    void join() throws IOException {
        source.joinOrClose(UEvent.IN, this::read);
    }

    void pause() throws IOException {
        source.leave();
    }

    void resume() throws IOException {
        source.requireOpen();
        if (!input.isOver()) {
            source.watch(UEvent.IN, this::read);
        }
    }

    void close() throws IOException {
        source.close();
    }

    private void read(int fd, int events) throws Exception {
        input.read(source, "");
    }
}
