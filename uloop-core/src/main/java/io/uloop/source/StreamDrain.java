package io.uloop.source;

import io.uloop.Uloop;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;

/**
 * Makes a stream that blocks when written into a descriptor that does not: a daemon thread copies
 * what comes out of a pipe. The counterpart of {@link StreamPump}.
 */
final class StreamDrain {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final OutputStream stream;
    private final Pipe pipe;

    private StreamDrain(OutputStream stream) throws IOException {
        this.stream = stream;
        pipe = Pipe.open();
    }

    /** Starts to copy; the source's close ends the stream once all is copied. */
    static Source start(Uloop loop, OutputStream stream, String threadName) throws IOException {
        StreamDrain drain = new StreamDrain(stream);
        try {
            drain.pipe.sink().configureBlocking(false);
            int fd = loop.descriptors().fileno(drain.pipe.sink());
            Thread thread = new Thread(drain::copy, threadName);
            thread.setDaemon(true);
            thread.start();
            return new Source(loop, fd, drain.pipe.sink());
        } catch (IOException | RuntimeException e) {
            drain.pipe.sink().close();
            drain.pipe.source().close();
            throw e;
        }
    }

    /** A stream that fails closes the pipe, whose writer then fails with EPIPE. */
    private void copy() {
        ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
        try (Pipe.SourceChannel source = pipe.source();
                OutputStream target = stream) {
            while (source.read(bytes.clear()) >= 0) {
                target.write(bytes.array(), 0, bytes.position());
                target.flush();
            }
        } catch (IOException e) {
            // Nobody reads any more, which the writer learns of.
        }
    }
}
