package io.uloop.poller.poll;

import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.UEvent;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.posix.call.Libc;
import io.uloop.poller.posix.call.NativeAccess;
import org.jspecify.annotations.Nullable;

/**
 * Provides the {@code poll} backend, on every POSIX system. Thread-safe.
 *
 * @since 0.1
 */
public final class PollProvider implements PollerProvider {
    /** The events that this system's kernel accepts. */
    static final int INTERESTS =
            System.getProperty("os.name").equals("Linux")
                    ? UEvent.INTERESTS
                    : UEvent.INTERESTS & ~UEvent.RDHUP;

    static final int SUPPORTED_EVENTS = INTERESTS | UEvent.OUTPUT_ONLY | UEvent.ONESHOT;

    /** Called by {@link java.util.ServiceLoader}. */
    public PollProvider() {}

    @Override
    public String name() {
        return "poll";
    }

    @Override
    public int priority() {
        return 200;
    }

    @Override
    public boolean isNative() {
        return !System.getProperty("os.name").startsWith("Windows");
    }

    @Override
    public @Nullable String unavailability() {
        return isNative()
                ? NativeAccess.unavailability()
                : "poll(2) requires a POSIX system, and this is " + System.getProperty("os.name");
    }

    @Override
    public String binding() {
        return NativeAccess.binding();
    }

    @Override
    public int supportedEvents() {
        return SUPPORTED_EVENTS;
    }

    @Override
    public Poller open() throws PollerException {
        NativeAccess.requireUsable(unavailability());
        return PollPoller.open(Libc.CALLS);
    }

    @Override
    public NativeDescriptors descriptors() {
        NativeAccess.requireUsable(unavailability());
        return PosixDescriptors.INSTANCE;
    }
}
