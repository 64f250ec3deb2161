package io.uloop.process;

import io.uloop.RefHandle;
import io.uloop.Uloop;
import io.uloop.net.ByteStream;
import io.uloop.observe.Callbacks;
import io.uloop.source.InputHandler;
import io.uloop.source.WriteHandler;
import io.uloop.stream.InputSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A child process whose standard streams are registered with a loop.
 *
 * <pre>{@code
 * ProcessBuilder sort = new ProcessBuilder("sort");
 * ChildProcess child = ChildProcess.start(loop, sort, output, errors, this::exited);
 * child.write(lines);
 * child.closeInput();
 * }</pre>
 *
 * <p>The exit of the child and the ends of its output are reported separately, in any order. All of
 * its output is delivered, even after its exit.
 *
 * <p>On Linux, a native backend reads and writes the pipes directly. The output does not end while
 * any process started by the child holds it open. On other systems and backends, a daemon thread
 * for each stream copies between the JVM's streams of the child and a pipe. That thread forwards
 * what the loop has written. Output of processes that outlive the child may be lost there, because
 * the JVM closes its streams when the child exits.
 *
 * <p>Not thread-safe: call from the loop's thread.
 *
 * @since 0.1
 */
public final class ChildProcess implements AutoCloseable {
    private final ChildStreams streams;
    private final Process process;
    private final RefHandle exit;

    private ChildProcess(ChildStreams streams, Process process, ExitHandler handler) {
        this.streams = streams;
        this.process = process;
        exit = Exits.on(streams.loop(), process, new Exit(this, handler));
    }

    /**
     * Keeps a child reachable until its exit, even if the program drops it. Otherwise its input
     * would be closed as forgotten while it runs.
     */
    private record Exit(ChildProcess owner, ExitHandler handler)
            implements ExitHandler, Callbacks.Wrapper {
        @Override
        public void exited(Process child, int status) throws Exception {
            handler.exited(child, status);
        }

        @Override
        public Object wrapped() {
            return handler;
        }
    }

    /**
     * Starts a child and registers its streams. Streams that the builder redirects to a file or
     * with {@code INHERIT} stay redirected.
     *
     * @param loop the loop that calls the handlers
     * @param builder the command; unchanged when this method returns
     * @param output receives the child's standard output
     * @param errors receives the child's standard error, unless the builder merges the two
     * @param exit called when the child has exited
     * @return the child
     * @throws UnsupportedOperationException if pipes cannot be opened by path and the JVM does not
     *     reveal the descriptors of its own pipes; the message names the option that helps
     * @throws IllegalStateException if the loop is closed
     * @throws IOException if the command does not exist or is not executable; EMFILE, ENFILE,
     *     ENOMEM or ENOSPC. No child is running then, and nothing is left open
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
        return start(new HandledStreams(loop, output, errors), builder, exit);
    }

    /**
     * Starts a child and leaves its streams to the program, for example to open connections on
     * them. Take each with {@link #stream} and {@link #errorStream}. {@link #close} closes those
     * that were not taken.
     *
     * <pre>{@code
     * ChildProcess child = ChildProcess.open(loop, new ProcessBuilder("sort"), this::exited);
     * Connection.open(child.stream(), options, handler);
     * }</pre>
     *
     * @param loop the loop of the streams, which calls the handler
     * @param builder the command; unchanged when this method returns
     * @param exit called when the child has exited
     * @return the child
     * @throws UnsupportedOperationException as {@link #start}
     * @throws IllegalStateException if the loop is closed
     * @throws IOException as {@link #start}
     */
    public static ChildProcess open(Uloop loop, ProcessBuilder builder, ExitHandler exit)
            throws IOException {
        return start(new ChildChannels(loop), builder, exit);
    }

    private static ChildProcess start(
            ChildStreams streams, ProcessBuilder builder, ExitHandler exit) throws IOException {
        Objects.requireNonNull(exit, "exit");
        streams.loop().checkThread();
        return join(streams, streams.start(builder), exit);
    }

    /** Awaits the exit of a child that has just started. */
    static ChildProcess join(ChildStreams streams, Process process, ExitHandler exit) {
        try {
            return new ChildProcess(streams, process, exit);
        } catch (IllegalStateException e) {
            process.destroyForcibly();
            streams.closeAfter(e);
            throw e;
        }
    }

    /**
     * Returns the signal that has ended the child.
     *
     * @return its name without SIG, such as {@code "TERM"}; null if the child is running, has
     *     exited, or was not started by a {@link ChildCommand} on a native backend of Linux,
     *     because the JVM does not tell signals from statuses
     */
    public @Nullable String endSignal() {
        return process instanceof SpawnedProcess spawned ? spawned.endSignal() : null;
    }

    /**
     * Returns the standard input and output of a child as one stream, or the one that is not
     * redirected. The caller owns it from now on.
     *
     * @return a stream that is not registered
     * @throws IllegalStateException if it was taken before, or if the child was not started by
     *     {@link #open}
     */
    public ByteStream stream() {
        return channels().stream();
    }

    /**
     * Returns the standard error of a child. The caller owns it from now on.
     *
     * @return a stream that is not registered and can only be read
     * @throws IllegalStateException if it was taken before or is redirected, or if the child was
     *     not started by {@link #open}
     */
    public ByteStream errorStream() {
        return channels().errorStream();
    }

    private ChildChannels channels() {
        if (streams instanceof ChildChannels channels) {
            return channels;
        }
        throw new IllegalStateException(
                "the streams of " + this + " have handlers; start it with open");
    }

    private HandledStreams handled() {
        if (streams instanceof HandledStreams handled) {
            return handled;
        }
        throw new IllegalStateException(
                "the streams of " + this + " have no handlers; use stream() and errorStream()");
    }

    /**
     * Returns the child, for example for its pid or to destroy it.
     *
     * @return the JVM's object, whose streams are empty where they are registered with the loop
     */
    public Process process() {
        return process;
    }

    /**
     * Writes to the child's standard input once. May write less than requested.
     *
     * @param bytes the bytes to write
     * @return bytes written; 0 if the write would block or the buffer is empty
     * @throws IllegalStateException if the input is closed or redirected by the builder
     * @throws IOException EPIPE if the child has closed its input or exited
     * @see <a href="https://man7.org/linux/man-pages/man2/write.2.html">write(2)</a>
     */
    public int write(ByteBuffer bytes) throws IOException {
        return handled().input().write(bytes);
    }

    /**
     * Calls a handler once, when the input is writable or has no reader left. Replaces a handler
     * that is still waiting.
     *
     * @param handler the handler
     * @throws IllegalStateException if the input is closed or redirected by the builder
     * @throws IOException ENOMEM or ENOSPC if the descriptor cannot be registered
     */
    public void awaitWritable(WriteHandler handler) throws IOException {
        handled().input().awaitWritable(Objects.requireNonNull(handler, "handler")::writable);
    }

    /**
     * Closes the child's standard input. Idempotent.
     *
     * @throws IOException EIO if closing the descriptor fails
     */
    public void closeInput() throws IOException {
        handled().closeInput();
    }

    /**
     * Stops reading output and errors until {@link #resume}. The child blocks when its pipes are
     * full.
     *
     * @throws IOException if deregistering fails, which does not happen on an open loop
     */
    public void pause() throws IOException {
        for (InputSource output : handled().outputs()) {
            output.pause();
        }
    }

    /**
     * Resumes reading. Does nothing if not paused or after the end of a stream.
     *
     * @throws IllegalStateException if this is closed
     * @throws IOException ENOMEM or ENOSPC if a descriptor cannot be registered
     */
    public void resume() throws IOException {
        for (InputSource output : handled().outputs()) {
            output.resume();
        }
    }

    /**
     * Lets {@link Uloop#runUntilIdle} end although the child is running and its streams are
     * registered. Handlers are still called while the loop runs. Idempotent.
     *
     * <p>Streams taken by {@link #stream} and {@link #errorStream} are unreferenced separately.
     */
    public void unref() {
        streams.setUnref(true);
        exit.unref();
    }

    /**
     * Reverts {@link #unref}, so that the running child and its streams keep an idle run waiting.
     * Idempotent.
     */
    public void ref() {
        streams.setUnref(false);
        exit.ref();
    }

    /** {@return whether the running child keeps an idle run waiting} */
    public boolean hasRef() {
        return exit.hasRef();
    }

    /**
     * Deregisters and closes the streams. Idempotent. The child keeps running: its input is at end
     * of stream, and it gets EPIPE or SIGPIPE if it writes. The exit handler is not called.
     *
     * @throws IOException EIO if closing a descriptor fails
     */
    @Override
    public void close() throws IOException {
        try {
            streams.close(); // first, so that nothing changes if this thread may not close them
        } catch (IOException e) {
            exit.close();
            throw e;
        }
        exit.close();
    }

    @Override
    public String toString() {
        return "ChildProcess[" + process + ']';
    }
}
