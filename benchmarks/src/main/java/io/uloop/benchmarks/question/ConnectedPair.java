package io.uloop.benchmarks.question;

import io.uloop.poller.EventSink;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** Writes messages to one socket and reads them from the other when it is ready. */
final class ConnectedPair implements Batch, EventSink {
    private final Readiness readiness;
    private final Pair pair;
    private final int messages;
    private final ByteBuffer bytes;
    private int read;

    private ConnectedPair(Readiness readiness, Pair pair, int messages, int size) {
        this.readiness = readiness;
        this.pair = pair;
        this.messages = messages;
        this.bytes = ByteBuffer.allocateDirect(size);
    }

    /** Opens the pair of a contender. */
    static Batch open(String contender, int messages, int size) throws IOException {
        if (contender.equals("c")) {
            return Limit.open(
                    calls -> calls.open_pairs(1, 0, size),
                    (calls, scene) -> calls.exchange(scene, messages));
        }
        return Contenders.open(
                contender,
                readiness -> {
                    Pair pair = readiness.pair();
                    readiness.add(pair.second(), UEvent.IN);
                    return new ConnectedPair(readiness, pair, messages, size);
                });
    }

    @Override
    public void onEvent(int socket, int events) {
        try {
            readiness.read(socket, bytes.clear());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        read += bytes.hasRemaining() ? 0 : 1;
    }

    @Override
    public int run() throws IOException {
        read = 0;
        for (int i = 0; i < messages; i++) {
            readiness.write(pair.first(), bytes.clear());
            readiness.poll(this);
        }
        return read;
    }

    @Override
    public void close() throws IOException {
        readiness.close();
    }
}
