package io.uloop.net;

import io.uloop.EventHandler;
import io.uloop.Uloop;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Two one-way streams that are used as one.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class JoinedStream implements ByteStream {
    private final ByteStream source;
    private final ByteStream sink;

    JoinedStream(ByteStream source, ByteStream sink) {
        if (source.loop() != sink.loop()) {
            throw new IllegalArgumentException(
                    "cannot join " + source + " and " + sink + ": they have different loops");
        }
        this.source = source;
        this.sink = sink;
    }

    @Override
    public Uloop loop() {
        return source.loop();
    }

    @Override
    public int fd() {
        return source.fd();
    }

    @Override
    public int directions() throws IOException {
        return (source.directions() & UEvent.IN) | (sink.directions() & UEvent.OUT);
    }

    @Override
    public boolean canHalfClose() {
        return true;
    }

    @Override
    public void register(int interest, EventHandler handler) throws IOException {
        source.register(interest & ~UEvent.OUT, handler);
        // An error of the sink is that of the next write, and says nothing about the source.
        sink.register(interest & UEvent.OUT, (fd, events) -> handler.processEvent(fd, UEvent.OUT));
    }

    @Override
    public void modify(int interest) throws IOException {
        source.modify(interest & ~UEvent.OUT);
        if (sink.isOpen()) {
            sink.modify(interest & UEvent.OUT);
        }
    }

    @Override
    public void unref() {
        source.unref();
        sink.unref();
    }

    @Override
    public void ref() {
        source.ref();
        sink.ref();
    }

    @Override
    public boolean hasRef() {
        return source.hasRef();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return source.read(target);
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        return sink.write(bytes);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        return sink.write(sources, offset, length);
    }

    @Override
    public long transfer(FileChannel file, long position, long count) throws IOException {
        return sink.transfer(file, position, count);
    }

    @Override
    public void shutdownOutput() throws IOException {
        sink.close();
    }

    @Override
    public boolean isOpen() {
        return source.isOpen();
    }

    @Override
    public void close() throws IOException {
        try (source) {
            sink.close();
        }
    }

    @Override
    public void reset() throws IOException {
        try (source) {
            sink.reset();
        }
    }

    @Override
    public String toString() {
        return "JoinedStream[" + source + ", " + sink + ']';
    }
}
