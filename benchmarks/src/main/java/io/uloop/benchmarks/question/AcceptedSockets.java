package io.uloop.benchmarks.question;

import io.uloop.poller.EventSink;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Connects to a unix-domain socket, which accepts and closes the connection when it is ready. An
 * operation is a connection, whose client is part of the cost.
 */
final class AcceptedSockets implements Batch, EventSink {
    private final Readiness readiness;
    private final int connections;
    private int accepted;

    private AcceptedSockets(Readiness readiness, int connections) {
        this.readiness = readiness;
        this.connections = connections;
    }

    /** Opens the listener of a contender. */
    static Batch open(String contender, int connections) throws IOException {
        if (contender.equals("c")) {
            return Limit.open(
                    LimitCalls::open_listener,
                    (calls, scene) -> calls.accept_all(scene, connections));
        }
        return Contenders.open(
                contender,
                readiness -> {
                    readiness.add(readiness.listener(), UEvent.IN);
                    return new AcceptedSockets(readiness, connections);
                });
    }

    @Override
    public void onEvent(int socket, int events) {
        try {
            readiness.close(readiness.accept(socket));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        accepted++;
    }

    @Override
    public int run() throws IOException {
        accepted = 0;
        for (int i = 0; i < connections; i++) {
            int client = readiness.connect();
            readiness.poll(this);
            readiness.close(client);
        }
        return accepted;
    }

    @Override
    public void close() throws IOException {
        readiness.close();
    }
}
