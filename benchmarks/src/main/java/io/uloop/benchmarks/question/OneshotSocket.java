package io.uloop.benchmarks.question;

import io.uloop.poller.EventSink;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Polls a writable ONESHOT socket and rearms it. An operation is an event. */
final class OneshotSocket implements Batch, EventSink {
    private static final int INTEREST = UEvent.OUT | UEvent.ONESHOT;

    private final Readiness readiness;
    private final int polls;
    private int events;

    private OneshotSocket(Readiness readiness, int polls) {
        this.readiness = readiness;
        this.polls = polls;
    }

    /** Opens the socket of a contender. */
    static Batch open(String contender, int polls) throws IOException {
        if (contender.equals("c")) {
            return Limit.open(
                    calls -> calls.open_pairs(1, 0, 1),
                    (calls, scene) -> calls.oneshot(scene, polls));
        }
        return Contenders.open(
                contender,
                readiness -> {
                    readiness.add(readiness.pair().first(), INTEREST);
                    return new OneshotSocket(readiness, polls);
                });
    }

    @Override
    public void onEvent(int socket, int bits) {
        try {
            readiness.modify(socket, INTEREST);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        events++;
    }

    @Override
    public int run() throws IOException {
        events = 0;
        for (int i = 0; i < polls; i++) {
            readiness.poll(this);
        }
        return events;
    }

    @Override
    public void close() throws IOException {
        readiness.close();
    }
}
