package io.uloop.benchmarks.question;

import io.uloop.poller.EventSink;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Adds, modifies and removes sockets that are neither readable nor writable. A poll follows each of
 * the three, because some contenders act only then. An operation is a socket with its three calls.
 */
final class RegisteredSockets implements Batch {
    private static final EventSink NOTHING = (socket, events) -> {};

    private final Readiness readiness;
    private final int[] sockets;

    private RegisteredSockets(Readiness readiness, int[] sockets) {
        this.readiness = readiness;
        this.sockets = sockets;
    }

    /** Opens the sockets of a contender. */
    static Batch open(String contender, int count) throws IOException {
        if (contender.equals("c")) {
            return Limit.open(
                    calls -> calls.open_pairs(count, 1, 1),
                    (calls, scene) -> calls.register_all(scene));
        }
        return Contenders.open(
                contender,
                readiness -> {
                    int[] sockets = new int[count];
                    for (int i = 0; i < count; i++) {
                        sockets[i] = readiness.pair().first();
                        fill(readiness, sockets[i]);
                    }
                    return new RegisteredSockets(readiness, sockets);
                });
    }

    private static void fill(Readiness readiness, int socket) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 16);
        while (readiness.write(socket, bytes) > 0) {
            bytes.clear();
        }
    }

    @Override
    public int run() throws IOException {
        for (int socket : sockets) {
            readiness.add(socket, UEvent.IN);
        }
        int events = readiness.poll(NOTHING);
        for (int socket : sockets) {
            readiness.modify(socket, UEvent.OUT);
        }
        events += readiness.poll(NOTHING);
        for (int socket : sockets) {
            readiness.remove(socket);
        }
        events += readiness.poll(NOTHING);
        return sockets.length - events;
    }

    @Override
    public void close() throws IOException {
        readiness.close();
    }
}
