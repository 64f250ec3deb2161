package io.uloop.examples;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import java.util.List;

/** The backends that the tests run on. */
final class Backends {
    private Backends() {}

    /** The names of those that are usable here, best first; never none. */
    static List<String> usable() {
        return Pollers.providers().stream()
                .filter(provider -> provider.unavailability() == null)
                .map(PollerProvider::name)
                .toList();
    }
}
