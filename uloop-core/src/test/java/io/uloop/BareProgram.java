package io.uloop;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Runs a loop in a JVM that has only java.base. */
final class BareProgram {
    private BareProgram() {}

    public static void main(String[] arguments) throws IOException {
        UloopBuilder builder =
                Uloop.builder().poller("select").slowHandlerThreshold(Duration.ofMillis(10));
        try {
            builder.jmx(true);
        } catch (UnsupportedOperationException e) {
            System.out.println(e.getMessage());
        }
        try (Uloop loop = builder.build()) {
            CountDownLatch never = new CountDownLatch(1);
            loop.execute(() -> await(never));
            loop.runOnce(0);
            System.out.println("ran " + loop.metrics().turns() + " turn");
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(500, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
