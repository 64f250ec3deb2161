package io.uloop.benchmarks.turn;

import io.uloop.poller.EventSink;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.UEvent;
import java.io.IOException;

/** Polls ready descriptors with {@link Poller#poll}. */
final class PollerPoll implements Contender {
    private final Poller poller;
    private final long timeoutNanos;
    private long seen;
    private final EventSink sink = (fd, events) -> seen ^= fd + events;

    PollerPoll(PollerProvider provider, long timeoutNanos, int... fds) throws IOException {
        poller = provider.open();
        this.timeoutNanos = timeoutNanos;
        for (int fd : fds) {
            poller.add(fd, UEvent.IN);
        }
        int delivered;
        do {
            delivered = poller.poll(0, sink); // the poller's arrays grow
        } while (delivered < fds.length);
    }

    @Override
    public long run(int times) throws IOException {
        long delivered = 0;
        for (int i = 0; i < times; i++) {
            delivered += poller.poll(timeoutNanos, sink);
        }
        return delivered;
    }

    @Override
    public void close() throws IOException {
        poller.close();
    }
}
