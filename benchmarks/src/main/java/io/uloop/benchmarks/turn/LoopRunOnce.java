package io.uloop.benchmarks.turn;

import io.uloop.Uloop;
import io.uloop.UloopBuilder;
import io.uloop.poller.UEvent;
import java.io.IOException;

/** Runs turns of a loop that has a ready descriptor, with {@link Uloop#runOnce(long)}. */
final class LoopRunOnce implements Contender {
    private final Uloop loop;
    private long seen;

    /**
     * Opens a loop.
     *
     * @param timers how many timers are pending, all minutes ahead
     */
    LoopRunOnce(UloopBuilder builder, int fd, int timers) throws IOException {
        loop = builder.build();
        loop.add(fd, UEvent.IN, (ready, events) -> seen ^= ready + events);
        LoopTurns.addTimers(loop, timers);
    }

    @Override
    public long run(int times) throws IOException {
        long events = 0;
        for (int i = 0; i < times; i++) {
            events += loop.runOnce(-1);
        }
        return events;
    }

    @Override
    public void close() {
        loop.close();
    }
}
