package io.uloop.poller.kqueue;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.posix.NativeAccess;
import io.uloop.poller.posix.PosixDescriptors;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Offers {@code kqueue}, on macOS, FreeBSD, OpenBSD and DragonFly. On Linux it is there for tests
 * alone: the system property {@code uloop.kqueue.library} names a libkqueue, by its absolute path.
 */
public final class KqueueProvider implements PollerProvider {
    /** Made by {@link java.util.ServiceLoader}. */
    public KqueueProvider() {}

    @Override
    public String name() {
        return "kqueue";
    }

    @Override
    public int priority() {
        return 300;
    }

    @Override
    public boolean isNative() {
        String system = System.getProperty("os.name");
        return !system.equals("Linux")
                && KqueueAbi.forSystem(system, System.getProperty("os.version")) != null;
    }

    @Override
    public @Nullable String unavailability() {
        return KqueueSystem.here().unavailability();
    }

    @Override
    public int supportedEvents() {
        return KqueuePoller.SUPPORTED_EVENTS;
    }

    @Override
    public Poller open() throws IOException {
        return KqueueSystem.here().openPoller();
    }

    /** A libkqueue's number is that of a pipe, never readable; Linux has better. */
    private static final class Holder {
        static final Descriptors DESCRIPTORS =
                System.getProperty("os.name").equals("Linux")
                        ? PosixDescriptors.INSTANCE
                        : PosixDescriptors.INSTANCE.withProcesses(KqueueSystem.here()::openProcess);
    }

    @Override
    public Descriptors descriptors() {
        NativeAccess.requireUsable(unavailability());
        return Holder.DESCRIPTORS;
    }
}
