package io.uloop.stream;

import io.uloop.poller.UEvent;
import java.io.IOException;

/** An incoming stream of bytes on one descriptor. Each event causes one read. */
public final class InputSource {
    private final Source source;
    private final Input input;

    /**
     * Creates an input that is not registered yet.
     *
     * @param source its descriptor
     * @param receiver receives the bytes
     */
    public InputSource(Source source, Receiver receiver) {
        this.source = source;
        input = new Input(receiver);
    }

    /** {@return the descriptor} */
    public Source source() {
        return source;
    }

    /**
     * Registers the source. Closes it on failure.
     *
     * @throws IOException as for {@link io.uloop.Uloop#add(int, int, io.uloop.EventHandler)}
     */
    public void join() throws IOException {
        source.joinOrClose(UEvent.IN, this::read);
    }

    /** Stops reading until {@link #resume}. */
    public void pause() {
        source.deregister();
    }

    /**
     * Resumes reading. Does nothing if not paused or after the end of the stream.
     *
     * @throws IOException ENOMEM or ENOSPC
     */
    public void resume() throws IOException {
        input.resume(source, this::read);
    }

    private void read(int fd, int events) throws Exception {
        input.read(source, null);
    }
}
