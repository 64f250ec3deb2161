package io.uloop.benchmarks.question;

import io.uloop.poller.EventSink;
import io.uloop.poller.UEvent;
import java.io.IOException;

/** Polls datagram sockets, some of which are always ready. An operation is an event. */
final class ReadySockets implements Batch, EventSink {
    private final Readiness readiness;
    private final int polls;
    private int events;

    private ReadySockets(Readiness readiness, int polls) {
        this.readiness = readiness;
        this.polls = polls;
    }

    /**
     * Opens the sockets of a contender.
     *
     * @param ready how many of them are ready, evenly spread
     * @param operations the events of one run, a multiple of the ready ones
     */
    static Batch open(String contender, int ready, int registered, int operations)
            throws IOException {
        int polls = operations / ready;
        if (contender.equals("c")) {
            return Limit.open(
                    calls -> calls.open_datagrams(registered, ready),
                    (calls, scene) -> calls.poll_ready(scene, polls));
        }
        return Contenders.open(
                contender,
                readiness -> {
                    int step = registered / ready;
                    for (int i = 0; i < registered; i++) {
                        boolean isReady = i % step == 0 && i / step < ready;
                        readiness.add(readiness.datagram(isReady), UEvent.IN);
                    }
                    return new ReadySockets(readiness, polls);
                });
    }

    @Override
    public void onEvent(int socket, int bits) {
        events += (bits & UEvent.IN) != 0 ? 1 : 0;
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
