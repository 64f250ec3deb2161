package io.uloop.process;

import io.uloop.Uloop;
import io.uloop.source.InputHandler;
import io.uloop.stream.InputSource;
import io.uloop.stream.OutputSource;
import io.uloop.stream.Receiver;
import io.uloop.stream.Source;
import io.uloop.stream.StreamDrain;
import io.uloop.stream.StreamPump;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Streams of a child that call handlers. */
final class HandledStreams extends ChildStreams {
    private final InputHandler outputHandler;
    private final InputHandler errorHandler;
    private @Nullable OutputSource input;
    private final List<InputSource> outputs = new ArrayList<>(2);

    HandledStreams(Uloop loop, InputHandler outputHandler, InputHandler errorHandler) {
        super(loop);
        this.outputHandler = outputHandler;
        this.errorHandler = errorHandler;
    }

    OutputSource input() {
        if (input == null) {
            throw new IllegalStateException("cannot write to the child's input: it is redirected");
        }
        return input;
    }

    List<InputSource> outputs() {
        return outputs;
    }

    @Override
    void takeInput(int fd) {
        input = new OutputSource(source(fd));
    }

    @Override
    void takeInput(OutputStream target, String threadName) throws IOException {
        input = new OutputSource(StreamDrain.start(loop(), ChildProcess.class, target, threadName));
    }

    @Override
    void takeOutput(int fd, boolean errors) throws IOException {
        join(source(fd), receiver(errors));
    }

    @Override
    void takeOutput(InputStream source, boolean errors, String threadName) throws IOException {
        StreamPump pump = new StreamPump(source, receiver(errors));
        join(pump.start(loop(), ChildProcess.class, threadName), pump.receiver());
    }

    private Source source(int fd) {
        return new Source(loop(), ChildProcess.class, fd, null);
    }

    private Receiver receiver(boolean errors) {
        InputHandler handler = errors ? errorHandler : outputHandler;
        return new Receiver(handler::received, handler::ended, handler::failed);
    }

    private void join(Source source, Receiver receiver) throws IOException {
        InputSource output = new InputSource(source, receiver);
        output.join();
        outputs.add(output);
    }

    void closeInput() throws IOException {
        if (input != null) {
            input.source().close();
        }
    }

    @Override
    void setUnref(boolean unref) {
        if (input != null) {
            input.source().setUnref(unref);
        }
        for (InputSource output : outputs) {
            output.source().setUnref(unref);
        }
    }

    @Override
    List<Closeable> release() {
        List<Closeable> all = new ArrayList<>(3);
        if (input != null) {
            all.add(input.source());
        }
        outputs.forEach(output -> all.add(output.source()));
        return all;
    }
}
