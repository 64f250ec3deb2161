package io.uloop.poller.tck;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import java.util.List;
import org.junit.jupiter.api.Named;

/**
 * The backends that tests run on. Thread-safe.
 *
 * @since 0.1
 */
public final class Backends {
    private static final List<PollerProvider> USABLE =
            Pollers.providers().stream().filter(Backends::isUsable).toList();

    private Backends() {}

    /** Prints a backend that is not usable with the reason, once. */
    private static boolean isUsable(PollerProvider backend) {
        String reason = backend.unavailability();
        if (reason == null) {
            Scene.warmUp(backend);
            return true;
        }
        System.out.println("backend " + backend.name() + " skipped: " + reason);
        return false;
    }

    /**
     * Returns the usable backends. Each has been {@linkplain Scene#warmUp warmed up}.
     *
     * @return at least one, best first
     */
    public static List<PollerProvider> usable() {
        return USABLE;
    }

    /** {@return the usable backends, as arguments that display their names} */
    public static List<Named<PollerProvider>> named() {
        return USABLE.stream().map(backend -> Named.of(backend.name(), backend)).toList();
    }

    /** {@return the names of the usable backends} */
    public static List<String> names() {
        return USABLE.stream().map(PollerProvider::name).toList();
    }
}
