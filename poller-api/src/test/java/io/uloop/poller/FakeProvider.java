package io.uloop.poller;

import org.jspecify.annotations.Nullable;

/** A backend that can be selected but not used. */
class FakeProvider implements PollerProvider {
    private final String name;
    private final int priority;
    private final boolean isNative;
    private final @Nullable String unavailability;

    FakeProvider(String name, int priority, boolean isNative, @Nullable String unavailability) {
        this.name = name;
        this.priority = priority;
        this.isNative = isNative;
        this.unavailability = unavailability;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int priority() {
        return priority;
    }

    @Override
    public boolean isNative() {
        return isNative;
    }

    @Override
    public @Nullable String unavailability() {
        return unavailability;
    }

    @Override
    public int supportedEvents() {
        return UEvent.IN;
    }

    @Override
    public Poller open() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Descriptors descriptors() {
        throw new UnsupportedOperationException();
    }
}
