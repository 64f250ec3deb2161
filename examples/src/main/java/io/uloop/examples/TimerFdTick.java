package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.source.TimerFd;
import java.io.IOException;
import java.time.Duration;

/** Counts the expirations of a Linux timerfd, including those missed while the loop was busy. */
final class TimerFdTick {
    private static final long LAST = 20;

    private static long total;

    private TimerFdTick() {}

    public static void main(String[] arguments) throws IOException {
        try (Uloop loop = Uloop.open();
                TimerFd timer = TimerFd.open(loop, count -> expired(loop, count))) {
            timer.set(Duration.ofMillis(10), Duration.ofMillis(50)); // first, then every
            loop.run();
        }
    }

    private static void expired(Uloop loop, long count) throws InterruptedException {
        if (total == 0) {
            Thread.sleep(200); // keeps the loop busy, so the next call reports several expirations
        }
        total += count;
        System.out.println(count + " more, " + total + " in total");
        if (total >= LAST) {
            loop.stop();
        }
    }
}
