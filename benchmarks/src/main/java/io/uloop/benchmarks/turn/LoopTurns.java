package io.uloop.benchmarks.turn;

import io.uloop.Uloop;
import io.uloop.UloopBuilder;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.time.Duration;

/** Runs turns of a loop that has a ready descriptor, with {@link Uloop#run}. */
final class LoopTurns implements Contender {
    private final Uloop loop;
    private long handled;
    private int left;

    /**
     * Opens a loop.
     *
     * @param timers how many timers are pending, all minutes ahead
     */
    LoopTurns(UloopBuilder builder, int fd, int timers) throws IOException {
        loop = builder.build();
        loop.add(fd, UEvent.IN, this::ready);
        addTimers(loop, timers);
    }

    /** Adds timers that are due in 10 to 20 minutes. */
    static void addTimers(Uloop loop, int count) {
        for (int i = 0; i < count; i++) {
            loop.callLater(Duration.ofMinutes(10).plusMillis(i * 600_000L / count), () -> {});
        }
    }

    private void ready(int fd, int events) {
        handled++;
        if (--left == 0) {
            loop.stop();
        }
    }

    @Override
    public long run(int times) throws IOException {
        long before = handled;
        left = times;
        loop.run();
        return handled - before;
    }

    @Override
    public void close() {
        loop.close();
    }
}
