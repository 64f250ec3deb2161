package io.uloop.process;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.NativeDescriptors;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The standard streams of a child. {@link ProcessBuilder} accepts files but no descriptors. On
 * Linux, the child's end of a pipe has a path, and opening that path creates a new open file. So
 * the child's end is blocking, as programs expect, and the loop's end is not.
 */
abstract class ChildStreams {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private final Uloop loop;

    /** The child's ends, open in this process until the child has them. */
    private final List<Integer> childEnds = new ArrayList<>();

    ChildStreams(Uloop loop) {
        this.loop = loop;
    }

    final Uloop loop() {
        return loop;
    }

    /** Takes over the descriptor of the pipe to the child's input. */
    abstract void takeInput(int fd) throws IOException;

    /** Starts to write the child's input, which blocks. */
    abstract void takeInput(OutputStream target, String threadName) throws IOException;

    /** Takes over the descriptor of the pipe from the child's output or errors. */
    abstract void takeOutput(int fd, boolean errors) throws IOException;

    /** Starts to read the child's output or errors, which blocks. */
    abstract void takeOutput(InputStream source, boolean errors, String threadName)
            throws IOException;

    /** Sets whether an idle run ends although streams are registered. */
    abstract void setUnref(boolean unref);

    /** Returns the streams, which the caller closes. */
    abstract List<Closeable> release();

    /** Closes all streams, even if closing one fails. */
    final void close() throws IOException {
        IOException failure = null;
        for (Closeable each : release()) {
            try {
                each.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Starts the child and registers the streams that are not redirected. */
    final Process start(ProcessBuilder builder) throws IOException {
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
    final int openInput() throws IOException {
        Descriptors.Pipe pipe = loop.descriptors().pipe();
        childEnds.add(pipe.readEnd());
        takeInput(pipe.writeEnd());
        return pipe.readEnd();
    }

    /** Opens the child's output. Returns the child's end, open until {@link #closeChildEnds}. */
    final int openOutput() throws IOException {
        return openOutput(false);
    }

    /** Opens the child's errors. Returns the child's end, open until {@link #closeChildEnds}. */
    final int openErrors() throws IOException {
        return openOutput(true);
    }

    private int openOutput(boolean errors) throws IOException {
        Descriptors.Pipe pipe = loop.descriptors().pipe();
        childEnds.add(pipe.writeEnd());
        takeOutput(pipe.readEnd(), errors);
        return pipe.writeEnd();
    }

    /** Adds a descriptor to be closed once the child has it. */
    final void addChildEnd(int fd) {
        childEnds.add(fd);
    }

    /** Closes all of the child's ends, even if one fails. Idempotent. */
    final void closeChildEnds() throws IOException {
        IOException failure = null;
        for (int end : childEnds) {
            try {
                loop.descriptors().close(end);
            } catch (IOException e) {
                failure = e;
            }
        }
        childEnds.clear();
        if (failure != null) {
            throw failure;
        }
    }

    private Process startWithThreads(
            ProcessBuilder builder, boolean hasInput, boolean hasOutput, boolean hasErrors)
            throws IOException {
        Process process = builder.start();
        String name = "uloop child " + process.pid();
        try {
            if (hasInput) {
                takeInput(process.getOutputStream(), name + " input");
            }
            if (hasOutput) {
                takeOutput(process.getInputStream(), false, name + " output");
            }
            if (hasErrors) {
                takeOutput(process.getErrorStream(), true, name + " errors");
            }
            return process;
        } catch (IOException | RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static File path(int fd) {
        return DESCRIPTORS.resolve(Integer.toString(fd)).toFile();
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
    final void closeAfter(Throwable failure) {
        try {
            close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
