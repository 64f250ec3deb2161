package io.uloop.benchmarks.question;

import io.uloop.poller.EventSink;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * Echoes messages over a pair of sockets. The echoing end waits for IN, reads and waits for OUT,
 * then writes and waits for IN again. An operation is a message.
 */
final class FlippedSocket implements Batch, EventSink {
    private final Readiness readiness;
    private final Pair pair;
    private final int messages;
    private final ByteBuffer clientBytes;
    private final ByteBuffer serverBytes;
    private int echoed;

    private FlippedSocket(Readiness readiness, Pair pair, int messages, int size) {
        this.readiness = readiness;
        this.pair = pair;
        this.messages = messages;
        this.clientBytes = ByteBuffer.allocateDirect(size);
        this.serverBytes = ByteBuffer.allocateDirect(size);
    }

    /** Opens the pair of a contender. */
    static Batch open(String contender, int messages, int size) throws IOException {
        if (contender.equals("c")) {
            return Limit.open(
                    calls -> calls.open_pairs(1, 0, size),
                    (calls, scene) -> calls.flip(scene, messages));
        }
        return Contenders.open(
                contender,
                readiness -> {
                    Pair pair = readiness.pair();
                    readiness.add(pair.second(), UEvent.IN);
                    return new FlippedSocket(readiness, pair, messages, size);
                });
    }

    @Override
    public void onEvent(int socket, int events) {
        try {
            if ((events & UEvent.IN) != 0) {
                readiness.read(socket, serverBytes.clear());
                readiness.modify(socket, UEvent.OUT);
            } else {
                readiness.write(socket, serverBytes.flip());
                readiness.modify(socket, UEvent.IN);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int run() throws IOException {
        echoed = 0;
        for (int i = 0; i < messages; i++) {
            readiness.write(pair.first(), clientBytes.clear());
            readiness.poll(this);
            readiness.poll(this);
            readiness.read(pair.first(), clientBytes.clear());
            echoed += clientBytes.hasRemaining() ? 0 : 1;
        }
        return echoed;
    }

    @Override
    public void close() throws IOException {
        readiness.close();
    }
}
