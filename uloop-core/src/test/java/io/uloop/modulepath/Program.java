package io.uloop.modulepath;

import io.uloop.Uloop;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import java.io.IOException;

/** Runs a loop on every usable backend and prints its modules, in a JVM with a module path. */
public final class Program {
    private Program() {}

    /**
     * Prints one line for each backend.
     *
     * @param arguments none
     * @throws IOException if a loop cannot be opened
     */
    public static void main(String[] arguments) throws IOException {
        for (PollerProvider provider : Pollers.providers()) {
            if (provider.unavailability() != null) {
                continue;
            }
            try (Uloop loop = Uloop.builder().poller(provider).build()) {
                loop.execute(loop::stop);
                loop.run();
                System.out.println(
                        loop.getClass().getModule().getName()
                                + " on "
                                + provider.name()
                                + " of "
                                + provider.getClass().getModule().getName());
            }
        }
    }
}
