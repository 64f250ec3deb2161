package io.uloop.benchmarks.question;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/**
 * Two loops that wake each other: a task on one passes a task to the other, which waits by then. An
 * operation is a wakeup.
 */
final class WakingLoops implements Batch {
    private final RunningLoop first;
    private final RunningLoop second;
    private final int rounds;
    private final Runnable onFirst = this::onFirst;
    private final Runnable onSecond = this::onSecond;
    private int left;
    private int wakeups;
    private volatile CountDownLatch done = new CountDownLatch(1);

    private WakingLoops(RunningLoop first, RunningLoop second, int rounds) {
        this.first = first;
        this.second = second;
        this.rounds = rounds;
    }

    /** Starts the loops of a contender. */
    static Batch open(String contender, int rounds) throws Exception {
        if (contender.equals("c")) {
            LimitCalls library = Limit.load();
            return () -> library.wake_each_other(rounds);
        }
        RunningLoop first = RunningLoop.start(contender);
        try {
            return new WakingLoops(first, RunningLoop.start(contender), rounds);
        } catch (Exception e) {
            first.close();
            throw e;
        }
    }

    private void onFirst() {
        wakeups++;
        second.executor().execute(onSecond);
    }

    private void onSecond() {
        wakeups++;
        if (--left > 0) {
            first.executor().execute(onFirst);
        } else {
            done.countDown();
        }
    }

    @Override
    public int run() throws InterruptedException {
        left = rounds;
        wakeups = 0;
        done = new CountDownLatch(1);
        first.executor().execute(onFirst);
        done.await();
        return wakeups;
    }

    @Override
    public void close() throws IOException {
        try (first) {
            second.close();
        }
    }
}
