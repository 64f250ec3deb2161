package io.uloop.process;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
import io.uloop.source.InputHandler;
import io.uloop.stream.InputSource;
import io.uloop.stream.OutputSource;
import io.uloop.stream.Receiver;
import io.uloop.stream.Source;
import io.uloop.stream.StreamDrain;
import io.uloop.stream.StreamPump;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The standard streams of a child. {@link ProcessBuilder} accepts files but no descriptors. On
 * Linux, the child's end of a pipe has a path, and opening that path creates a new open file. So
 * the child's end is blocking, as programs expect, and the loop's end is not.
 */
final class ChildStreams {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private final Uloop loop;
    private final InputHandler outputHandler;
    private final InputHandler errorHandler;

    /** The child's ends, open in this process until the child has them. */
    private final List<Integer> childEnds = new ArrayList<>();

    private @Nullable OutputSource input;
    private final List<InputSource> outputs = new ArrayList<>(2);

    ChildStreams(Uloop loop, InputHandler outputHandler, InputHandler errorHandler) {
        this.loop = loop;
        this.outputHandler = outputHandler;
        this.errorHandler = errorHandler;
    }

    Uloop loop() {
        return loop;
    }

    OutputSource input() {
        if (input == null) {
            throw new IllegalStateException(
                    "cannot write to the child's input: the builder has redirected it");
        }
        return input;
    }

    List<InputSource> outputs() {
        return outputs;
    }

    /** Starts the child and registers the streams that are not redirected. */
    Process start(ProcessBuilder builder) throws IOException {
        boolean hasInput = builder.redirectInput().equals(Redirect.PIPE);
        boolean hasOutput = builder.redirectOutput().equals(Redirect.PIPE);
        boolean hasErrors =
                builder.redirectError().equals(Redirect.PIPE) && !builder.redirectErrorStream();
        try {
            return pipesHavePaths()
                    ? startWithPipes(builder, hasInput, hasOutput, hasErrors)
                    : startWithThreads(builder, hasInput, hasOutput, hasErrors);
        } catch (IOException | RuntimeException e) {
            closeAfter(e);
            throw e;
        }
    }

    /** On other systems, such a path shares the open file and its non-blocking mode. */
    private boolean pipesHavePaths() throws IOException {
        if (!Files.isDirectory(DESCRIPTORS)) {
            return false;
        }
        if (loop.descriptors() instanceof NativeDescriptors io) {
            io.close(io.open(Path.of("/dev/null"), StandardOpenOption.READ));
            return true;
        }
        return false; // the backend's numbers are not file descriptors
    }

    private Process startWithPipes(
            ProcessBuilder builder, boolean hasInput, boolean hasOutput, boolean hasErrors)
            throws IOException {
        try {
            if (hasInput) {
                builder.redirectInput(path(openInput()));
            }
            if (hasOutput) {
                builder.redirectOutput(path(openOutput()));
            }
            if (hasErrors) {
                builder.redirectError(path(openErrors()));
            }
            return builder.start();
        } finally {
            restore(builder, hasInput, hasOutput, hasErrors);
            closeChildEnds();
        }
    }

    /** Opens the child's input. Returns the child's end, open until {@link #closeChildEnds}. */
    int openInput() throws IOException {
        Descriptors.Pipe pipe = loop.descriptors().pipe();
        childEnds.add(pipe.readEnd());
        input = new OutputSource(source(pipe.writeEnd()));
        return pipe.readEnd();
    }

    /** Opens the child's output. Returns the child's end, open until {@link #closeChildEnds}. */
    int openOutput() throws IOException {
        return openOutput(outputHandler);
    }

    /** Opens the child's errors. Returns the child's end, open until {@link #closeChildEnds}. */
    int openErrors() throws IOException {
        return openOutput(errorHandler);
    }

    private int openOutput(InputHandler handler) throws IOException {
        Descriptors.Pipe pipe = loop.descriptors().pipe();
        childEnds.add(pipe.writeEnd());
        join(source(pipe.readEnd()), receiver(handler));
        return pipe.writeEnd();
    }

    /** Adds a descriptor to be closed once the child has it. */
    void addChildEnd(int fd) {
        childEnds.add(fd);
    }

    void closeChildEnds() throws IOException {
        for (int end : childEnds) {
            loop.descriptors().close(end);
        }
        childEnds.clear();
    }

    private Process startWithThreads(
            ProcessBuilder builder, boolean hasInput, boolean hasOutput, boolean hasErrors)
            throws IOException {
        Process process = builder.start();
        String name = "uloop child " + process.pid();
        try {
            if (hasInput) {
                OutputStream target = process.getOutputStream();
                input =
                        new OutputSource(
                                StreamDrain.start(
                                        loop, ChildProcess.class, target, name + " input"));
            }
            if (hasOutput) {
                StreamPump pump = new StreamPump(process.getInputStream(), receiver(outputHandler));
                join(pump.start(loop, ChildProcess.class, name + " output"), pump.receiver());
            }
            if (hasErrors) {
                StreamPump pump = new StreamPump(process.getErrorStream(), receiver(errorHandler));
                join(pump.start(loop, ChildProcess.class, name + " errors"), pump.receiver());
            }
            return process;
        } catch (IOException | RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private Source source(int fd) {
        return new Source(loop, ChildProcess.class, fd, null);
    }

    private static File path(int fd) {
        return DESCRIPTORS.resolve(Integer.toString(fd)).toFile();
    }

    private static Receiver receiver(InputHandler handler) {
        return new Receiver(handler::received, handler::ended, handler::failed);
    }

    private void join(Source source, Receiver receiver) throws IOException {
        InputSource output = new InputSource(source, receiver);
        output.join();
        outputs.add(output);
    }

    private static void restore(
            ProcessBuilder builder, boolean hasInput, boolean hasOutput, boolean hasErrors) {
        if (hasInput) {
            builder.redirectInput(Redirect.PIPE);
        }
        if (hasOutput) {
            builder.redirectOutput(Redirect.PIPE);
        }
        if (hasErrors) {
            builder.redirectError(Redirect.PIPE);
        }
    }

    /** Closes the streams after a failure that is about to be thrown. */
    void closeAfter(Throwable failure) {
        if (input != null) {
            input.source().closeAfter(failure);
        }
        for (InputSource output : outputs) {
            output.source().closeAfter(failure);
        }
    }

    void closeInput() throws IOException {
        if (input != null) {
            input.source().close();
        }
    }

    void close() throws IOException {
        closeInput();
        for (InputSource output : outputs) {
            output.source().close();
        }
    }
}
