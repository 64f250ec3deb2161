package io.uloop.poller.epoll;

import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.UEvent;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.posix.call.Linux;
import io.uloop.poller.posix.call.NativeAccess;
import org.jspecify.annotations.Nullable;

/**
 * Provides the {@code epoll} backend, on Linux. Thread-safe.
 *
 * @since 0.1
 */
public final class EpollProvider implements PollerProvider {
    static final int SUPPORTED_EVENTS = UEvent.INTERESTS | UEvent.ERR | UEvent.HUP | UEvent.MODES;

    /** Called by {@link java.util.ServiceLoader}. */
    public EpollProvider() {}

    @Override
    public String name() {
        return "epoll";
    }

    @Override
    public int priority() {
        return 400;
    }

    @Override
    public boolean isNative() {
        return System.getProperty("os.name").equals("Linux");
    }

    @Override
    public @Nullable String unavailability() {
        return isNative()
                ? NativeAccess.unavailability()
                : "epoll requires Linux, and this is " + System.getProperty("os.name");
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
        return EpollPoller.open(Linux.CALLS);
    }

    @Override
    public NativeDescriptors descriptors() {
        NativeAccess.requireUsable(unavailability());
        return PosixDescriptors.INSTANCE;
    }
}
