package io.uloop.source;

import io.uloop.Uloop;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import org.jspecify.annotations.Nullable;

/**
 * Makes a stream that blocks into a descriptor that can be watched: a daemon thread copies it into
 * a pipe, and waits while that is full. It stands before the stream's handler, because a pipe knows
 * only one kind of end.
 */
final class StreamPump implements InputHandler {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final InputStream stream;
    private final Pipe pipe;
    private final InputHandler handler;
    private volatile @Nullable IOException failure;

    StreamPump(InputStream stream, InputHandler handler) throws IOException {
        this.stream = stream;
        this.handler = handler;
        pipe = Pipe.open();
    }

    /** Starts to copy; the source's close ends it with the next read of the stream. */
    Source start(Uloop loop, String threadName) throws IOException {
        try {
            pipe.source().configureBlocking(false);
            int fd = loop.descriptors().fileno(pipe.source());
            Thread thread = new Thread(this::copy, threadName);
            thread.setDaemon(true);
            thread.start();
            return new Source(loop, fd, this::close);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public void received(ByteBuffer bytes) throws Exception {
        handler.received(bytes);
    }

    @Override
    public void ended() throws Exception {
        IOException reason = failure;
        if (reason == null) {
            handler.ended();
        } else {
            handler.failed(reason);
        }
    }

    @Override
    public void failed(IOException reason) throws Exception {
        handler.failed(reason);
    }

    private void close() throws IOException {
        try {
            pipe.source().close();
        } finally {
            pipe.sink().close();
        }
    }

    private void copy() {
        try (Pipe.SinkChannel sink = pipe.sink()) {
            copy(sink);
        } catch (IOException e) {
            // A sink that cannot be closed is closed.
        }
    }

    /** A failure is told before the end of the pipe that it makes. */
    private void copy(Pipe.SinkChannel sink) {
        byte[] bytes = new byte[BUFFER_BYTES];
        try {
            for (int moved = stream.read(bytes); moved >= 0; moved = stream.read(bytes)) {
                ByteBuffer rest = ByteBuffer.wrap(bytes, 0, moved);
                while (rest.hasRemaining()) {
                    sink.write(rest);
                }
            }
        } catch (IOException e) {
            failure = e;
        } catch (RuntimeException e) { // of whoever made the stream, for whoever reads it here
            failure = new IOException("the stream has failed: " + e, e);
        }
    }
}
