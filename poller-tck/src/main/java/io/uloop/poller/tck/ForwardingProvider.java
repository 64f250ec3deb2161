package io.uloop.poller.tck;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import org.jspecify.annotations.Nullable;

/**
 * Forwards all calls to another backend. Tests override what they want to change. Thread-safe.
 *
 * @since 0.1
 */
public class ForwardingProvider implements PollerProvider {
    private final PollerProvider backend;

    /**
     * Creates a provider without changes.
     *
     * @param backend gets all calls
     */
    public ForwardingProvider(PollerProvider backend) {
        this.backend = backend;
    }

    @Override
    public String name() {
        return backend.name();
    }

    @Override
    public int priority() {
        return backend.priority();
    }

    @Override
    public boolean isNative() {
        return backend.isNative();
    }

    @Override
    public @Nullable String unavailability() {
        return backend.unavailability();
    }

    @Override
    public @Nullable String binding() {
        return backend.binding();
    }

    @Override
    public int supportedEvents() {
        return backend.supportedEvents();
    }

    @Override
    public Poller open() throws PollerException {
        return backend.open();
    }

    @Override
    public Descriptors descriptors() {
        return backend.descriptors();
    }
}
