package io.uloop.process;

import io.uloop.Uloop;
import io.uloop.net.ByteStream;
import io.uloop.net.PipeChannel;
import io.uloop.stream.Receiver;
import io.uloop.stream.StreamDrain;
import io.uloop.stream.StreamPump;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Streams of a child that the program takes over. */
final class ChildChannels extends ChildStreams {
    private static final Receiver NONE = new Receiver(bytes -> {}, () -> {}, failure -> {});

    private @Nullable PipeChannel input;
    private @Nullable PipeChannel output;
    private @Nullable PipeChannel errors;

    ChildChannels(Uloop loop) {
        super(loop);
    }

    @Override
    void takeInput(int fd) throws IOException {
        input = PipeChannel.adopt(loop(), fd);
    }

    @Override
    void takeInput(OutputStream target, String threadName) throws IOException {
        input = PipeChannel.adopt(loop(), StreamDrain.start(target, threadName));
    }

    @Override
    void takeOutput(int fd, boolean ofErrors) throws IOException {
        keep(PipeChannel.adopt(loop(), fd), ofErrors);
    }

    @Override
    void takeOutput(InputStream source, boolean ofErrors, String threadName) throws IOException {
        keep(PipeChannel.adopt(loop(), new StreamPump(source, NONE).start(threadName)), ofErrors);
    }

    private void keep(PipeChannel channel, boolean ofErrors) {
        if (ofErrors) {
            errors = channel;
        } else {
            output = channel;
        }
    }

    /** Gives the input and output to the program: both, or the one that is not redirected. */
    ByteStream stream() {
        PipeChannel sink = input;
        PipeChannel source = output;
        input = null;
        output = null;
        if (source == null) {
            return required(sink, "input and output");
        }
        return sink == null ? source : ByteStream.of(source, sink);
    }

    /** Gives the errors to the program. */
    ByteStream errorStream() {
        PipeChannel source = errors;
        errors = null;
        return required(source, "errors");
    }

    private static ByteStream required(@Nullable PipeChannel channel, String what) {
        if (channel == null) {
            throw new IllegalStateException(
                    "the child's " + what + " are redirected, or have been taken already");
        }
        return channel;
    }

    /** Does nothing: the program registers the streams that it takes. */
    @Override
    void setUnref(boolean unref) {}

    /** Returns the streams that the program has not taken. */
    @Override
    List<Closeable> release() {
        List<Closeable> all = new ArrayList<>(3);
        for (PipeChannel channel : new @Nullable PipeChannel[] {input, output, errors}) {
            if (channel != null) {
                all.add(channel);
            }
        }
        input = null;
        output = null;
        errors = null;
        return all;
    }
}
