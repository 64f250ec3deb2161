package io.uloop.examples;

import io.uloop.Timer;
import io.uloop.Uloop;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/** Calls tasks once, repeatedly and at a wall-clock time, and cancels one. */
final class Timers {
    private static int ticks;

    private Timers() {}

    public static void main(String[] arguments) throws IOException {
        try (Uloop loop = Uloop.open()) {
            loop.callLater(Duration.ofMillis(250), () -> System.out.println("250 ms later"));
            loop.callAt(Instant.now().plusMillis(500), () -> System.out.println("half a second"));
            Timer never = loop.callLater(Duration.ofSeconds(1), () -> System.out.println("never"));
            loop.callSoon(never::close);

            Timer[] tick = new Timer[1];
            tick[0] = loop.callEvery(Duration.ofMillis(200), () -> tick(tick[0]));
            loop.runUntilIdle(); // returns when no timer is left
            System.out.println("done");
        }
    }

    private static void tick(Timer timer) {
        ticks++;
        System.out.println("tick " + ticks);
        if (ticks == 4) {
            timer.close();
        }
    }
}
