package io.uloop.examples;

import io.uloop.Uloop;
import io.uloop.process.Signals;
import java.io.IOException;
import java.time.Duration;

/** Reloads on HUP and stops in order on TERM or Ctrl-C. */
final class SignalHandling {
    private static int reloads;

    private SignalHandling() {}

    public static void main(String[] arguments) throws IOException {
        try (Uloop loop = Uloop.open()) {
            Signals.on(loop, "HUP", signal -> reload());
            Signals.on(loop, "TERM", signal -> shutDown(loop, signal));
            Signals.on(loop, "INT", signal -> shutDown(loop, signal));
            System.out.println("process " + ProcessHandle.current().pid() + " is ready");
            loop.run();
        }
        System.out.println("stopped");
    }

    private static void reload() {
        reloads++;
        System.out.println("reload " + reloads);
    }

    /** Finishes what is in progress, which takes a moment, and then stops the loop. */
    private static void shutDown(Uloop loop, String signal) {
        System.out.println("stopping because of " + signal);
        loop.callLater(Duration.ofMillis(100), loop::stop);
    }
}
