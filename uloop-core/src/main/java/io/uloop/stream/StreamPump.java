package io.uloop.stream;

import io.uloop.Uloop;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import org.jspecify.annotations.Nullable;

/**
 * Turns a stream with blocking reads into a pollable descriptor. A daemon thread copies from the
 * stream to a pipe and blocks while the pipe is full. Wraps the stream's receiver, because a pipe
 * cannot convey the failure of a stream.
 */
public final class StreamPump {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final InputStream stream;
    private final Pipe pipe;
    private final Receiver receiver;
    private volatile @Nullable IOException failure;

    /**
     * Creates a pump that does not run yet.
     *
     * @param stream a stream with blocking reads
     * @param receiver receives its bytes
     * @throws IOException EMFILE or ENFILE
     */
    public StreamPump(InputStream stream, Receiver receiver) throws IOException {
        this.stream = stream;
        this.receiver = receiver;
        pipe = Pipe.open();
    }

    /**
     * Starts to copy. After the source is closed, copying ends with the next read of the stream.
     *
     * @param loop the loop of the source
     * @param type the public class that the program closes
     * @param threadName the name of the thread that copies
     * @return the source
     * @throws IOException if the pipe fails
     */
    public Source start(Uloop loop, Class<?> type, String threadName) throws IOException {
        try {
            pipe.source().configureBlocking(false);
            int fd = loop.descriptors().fileno(pipe.source());
            start(threadName);
            Pipe closed = pipe; // not this, whose receiver may refer to the source
            return new Source(loop, type, fd, () -> close(closed));
        } catch (IOException | RuntimeException e) {
            close(pipe);
            throw e;
        }
    }

    /**
     * Starts to copy.
     *
     * @param threadName the name of the thread that copies
     * @return the end of the pipe to read from. The pipe ends if the stream fails
     */
    public Pipe.SourceChannel start(String threadName) {
        Thread thread = new Thread(this::copy, threadName);
        thread.setDaemon(true);
        thread.start();
        return pipe.source();
    }

    /** {@return the receiver for the source} */
    public Receiver receiver() {
        return new Receiver(receiver.received(), this::ended, receiver.failed());
    }

    private void ended() throws Exception {
        IOException reason = failure;
        if (reason == null) {
            receiver.ended().run();
        } else {
            receiver.failed().failed(reason);
        }
    }

    private static void close(Pipe pipe) throws IOException {
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
            // The pipe is closed even if its close fails.
        }
    }

    /**
     * Copies to the pipe. Stores a failure before it closes the pipe, so that the reader sees it.
     */
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
        } catch (
                RuntimeException
                        e) { // thrown by the stream's implementation, to be passed to the receiver
            failure = new IOException("cannot read the stream: " + e, e);
        }
    }
}
