package io.uloop.stream;

import io.uloop.LoopTask;
import io.uloop.poller.Errno;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A descriptor that is read and written, such as a terminal. Each event causes one read. */
public final class DuplexSource {
    private final Source source;
    private final Input input;
    private final @Nullable Errno endErrno;
    private boolean paused;
    private @Nullable LoopTask waiting;

    /**
     * Creates a duplex source that is not registered yet.
     *
     * @param source its descriptor
     * @param receiver receives the bytes
     * @param endErrno the errno of a read at the end of such a stream; null if a read returns -1
     *     there
     */
    public DuplexSource(Source source, Receiver receiver, @Nullable Errno endErrno) {
        this.source = source;
        this.endErrno = endErrno;
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
        source.joinOrClose(UEvent.IN, this::processEvent);
    }

    /**
     * Calls a handler once, when the descriptor is writable. Replaces a handler that is still
     * waiting.
     *
     * @param handler the handler
     * @throws IOException ENOMEM or ENOSPC
     */
    public void awaitWritable(LoopTask handler) throws IOException {
        source.requireOpen();
        source.register(interest() | UEvent.OUT, this::processEvent);
        waiting = handler;
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
     * Stops reading until {@link #resume}.
     *
     * @throws IOException ENOMEM or ENOSPC
     */
    public void pause() throws IOException {
        paused = true;
        update();
    }

    /**
     * Resumes reading. Does nothing if not paused or after the end of the stream.
     *
     * @throws IOException ENOMEM or ENOSPC
     */
    public void resume() throws IOException {
        source.requireOpen();
        paused = false;
        update();
    }

    private int interest() {
        return (paused || input.isOver() ? UEvent.NONE : UEvent.IN)
                | (waiting == null ? UEvent.NONE : UEvent.OUT);
    }

    private void update() throws IOException {
        if (source.isOpen()) {
            source.register(interest(), this::processEvent);
        }
    }

    /** Writes first, because a program that waits for its input may then produce output. */
    private void processEvent(int fd, int events) throws Exception {
        LoopTask writer = waiting;
        if (writer != null && (events & ~UEvent.IN) != 0) {
            waiting = null;
            update();
            writer.run();
        }
        if (source.isRegistered() && (interest() & UEvent.IN) != 0 && (events & ~UEvent.OUT) != 0) {
            read();
        }
    }

    /** Reads once. The end of the input deregisters the source, for which a writer may wait. */
    private void read() throws Exception {
        try {
            input.read(source, endErrno);
        } finally {
            if (waiting != null && input.isOver()) {
                update();
            }
        }
    }
}
