package io.uloop.stream;

import io.uloop.Uloop;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;

/**
 * Turns a stream with blocking writes into a non-blocking descriptor. A daemon thread copies from a
 * pipe to the stream. The counterpart of {@link StreamPump}.
 */
public final class StreamDrain {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final OutputStream stream;
    private final Pipe pipe;

    private StreamDrain(OutputStream stream) throws IOException {
        this.stream = stream;
        pipe = Pipe.open();
    }

    /**
     * Starts to copy. Closing the source closes the stream after everything is copied.
     *
     * @param loop the loop of the source
     * @param type the public class that the program closes
     * @param stream a stream with blocking writes
     * @param threadName the name of the thread that copies
     * @return the source
     * @throws IOException if the pipe fails
     */
    public static Source start(Uloop loop, Class<?> type, OutputStream stream, String threadName)
            throws IOException {
        StreamDrain drain = new StreamDrain(stream);
        try {
            drain.pipe.sink().configureBlocking(false);
            int fd = loop.descriptors().fileno(drain.pipe.sink());
            drain.start(threadName);
            return new Source(loop, type, fd, drain.pipe.sink());
        } catch (IOException | RuntimeException e) {
            drain.pipe.sink().close();
            drain.pipe.source().close();
            throw e;
        }
    }

    /**
     * Starts to copy.
     *
     * @param stream a stream with blocking writes
     * @param threadName the name of the thread that copies
     * @return the end of the pipe to write to. Closing it closes the stream after everything is
     *     copied
     * @throws IOException if the pipe fails
     */
    public static Pipe.SinkChannel start(OutputStream stream, String threadName)
            throws IOException {
        StreamDrain drain = new StreamDrain(stream);
        drain.start(threadName);
        return drain.pipe.sink();
    }

    private void start(String threadName) {
        Thread thread = new Thread(this::copy, threadName);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Copies to the stream. If the stream fails, closes the pipe, whose writer then fails with
     * EPIPE.
     */
    private void copy() {
        ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
        try (Pipe.SourceChannel source = pipe.source();
                OutputStream target = stream) {
            while (source.read(bytes.clear()) >= 0) {
                target.write(bytes.array(), 0, bytes.position());
                target.flush();
            }
        } catch (IOException e) {
            // The stream has no reader left. The writer gets EPIPE.
        }
    }
}
