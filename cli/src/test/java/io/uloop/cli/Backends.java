package io.uloop.cli;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import java.util.List;

/** The backends to run tests on. */
final class Backends {
    private Backends() {}

    /** Returns the names of the usable backends, best first. There is at least one. */
    static List<String> usable() {
        return Pollers.providers().stream()
                .filter(provider -> provider.unavailability() == null)
                .map(PollerProvider::name)
                .toList();
    }
}
