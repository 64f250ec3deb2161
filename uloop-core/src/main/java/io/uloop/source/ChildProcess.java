package io.uloop.source;

import io.uloop.ExitHandler;
import io.uloop.Registration;
import io.uloop.Uloop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A child whose standard streams are on a loop.
 *
 * <p>Its end and the ends of its output are told apart, in any order; what it wrote comes whole,
 * also after its end.
 *
 * <p>On Linux a native backend reads and writes the pipes themselves, and the output goes on as
 * long as any process that the child has started holds it open. Elsewhere a daemon thread for each
 * stream copies between the JVM's streams of the child and a pipe. What the loop has written is
 * then the thread's to pass on; and what processes write that the child has left behind may be
 * lost, because the JVM closes its streams when the child ends.
 *
 * <p>For the thread that runs the loop, or while none does for any one thread.
 */
public final class ChildProcess implements AutoCloseable {
    private final ChildStreams streams;
    private final Process process;
    private final Registration exit;

    private ChildProcess(ChildStreams streams, Process process, ExitHandler handler) {
        this.streams = streams;
        this.process = process;
        exit = streams.loop().watch(process, handler);
    }

    /**
     * Starts a child and joins the loop. Streams that the builder redirects elsewhere, to a file or
     * by {@code INHERIT}, stay there.
     *
     * @param loop the loop that will call
     * @param builder the command; as it was afterwards
     * @param output gets what the child writes to its standard output
     * @param errors gets what it writes to its standard error, unless the builder merges the two
     * @param exit gets its end
     * @return the child
     * @throws UnsupportedOperationException if neither pipes can be opened by path, nor does the
     *     JVM show the descriptors of its own; the message names the option for that
     * @throws IllegalStateException if another thread runs the loop, or it is closed
     * @throws IOException if the command does not exist or may not be run; EMFILE, ENFILE; ENOMEM,
     *     ENOSPC. Then there is no child, and nothing is left open
     */
    public static ChildProcess start(
            Uloop loop,
            ProcessBuilder builder,
            InputHandler output,
            InputHandler errors,
            ExitHandler exit)
            throws IOException {
        Objects.requireNonNull(output, "output");
        Objects.requireNonNull(errors, "errors");
        Objects.requireNonNull(exit, "exit");
        ChildStreams streams = new ChildStreams(loop, output, errors);
        Process process = streams.start(builder);
        try {
            return new ChildProcess(streams, process, exit);
        } catch (IllegalStateException e) {
            process.destroyForcibly();
            streams.closeAfter(e);
            throw e;
        }
    }

    /**
     * The child, to ask for its number and to signal it.
     *
     * @return the JVM's view of it, whose streams are empty where they are on the loop
     */
    public Process process() {
        return process;
    }

    /**
     * Writes to the child's standard input once; may write less than asked.
     *
     * @param bytes what to write
     * @return bytes written; 0 if it would block or the buffer is empty
     * @throws IllegalStateException if the input is closed, or redirected by the builder
     * @throws IOException EPIPE if the child has closed it or has ended
     * @see <a href="https://man7.org/linux/man-pages/man2/write.2.html">write(2)</a>
     */
    public int write(ByteBuffer bytes) throws IOException {
        return streams.input().write(bytes);
    }

    /**
     * Has a handler called once, as soon as a write may move bytes, or fails because nobody reads.
     * Replaces the handler that is waiting.
     *
     * @param handler is called
     * @throws IllegalStateException if the input is closed or redirected by the builder, or another
     *     thread runs the loop
     * @throws IOException ENOMEM, ENOSPC
     */
    public void awaitWritable(WriteHandler handler) throws IOException {
        streams.input().awaitWritable(handler);
    }

    /**
     * Ends the child's standard input. Nothing the second time.
     *
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException EIO
     */
    public void closeInput() throws IOException {
        streams.closeInput();
    }

    /**
     * Takes neither output nor errors until {@link #resume}; the child comes to wait once its pipes
     * are full.
     *
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException never; declared because the loop's remove does
     */
    public void pause() throws IOException {
        for (InputSource output : streams.outputs()) {
            output.pause();
        }
    }

    /**
     * Takes again what the child writes. Nothing if not paused, or after the end.
     *
     * @throws IllegalStateException if this is closed or another thread runs the loop
     * @throws IOException ENOMEM, ENOSPC
     */
    public void resume() throws IOException {
        for (InputSource output : streams.outputs()) {
            output.resume();
        }
    }

    /**
     * Leaves the loop and closes the streams; the child lives on, with an input that has ended and
     * an output that nobody reads, and its end is told to nobody. Any number of times.
     *
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException EIO
     */
    @Override
    public void close() throws IOException {
        streams.close();
        exit.close(); // last: where the streams may not be closed, nothing changes
    }

    @Override
    public String toString() {
        return "ChildProcess[" + process + ']';
    }
}
