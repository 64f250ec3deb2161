package io.uloop.poller.kqueue;

import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.UEvent;
import io.uloop.poller.posix.PosixDescriptors;
import io.uloop.poller.posix.call.NativeAccess;
import org.jspecify.annotations.Nullable;

/**
 * Provides the {@code kqueue} backend, on macOS, FreeBSD, OpenBSD and DragonFly. On Linux it is for
 * tests only: the system property {@code uloop.kqueue.library} is the absolute path of a libkqueue.
 * Thread-safe.
 *
 * @since 0.1
 */
public final class KqueueProvider implements PollerProvider {
    static final int SUPPORTED_EVENTS =
            UEvent.IN
                    | UEvent.OUT
                    | UEvent.RDHUP
                    | UEvent.ERR
                    | UEvent.HUP
                    | UEvent.ONESHOT
                    | UEvent.EDGE;

    /** Called by {@link java.util.ServiceLoader}. */
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
    public String binding() {
        return NativeAccess.binding();
    }

    @Override
    public int supportedEvents() {
        return SUPPORTED_EVENTS;
    }

    @Override
    public Poller open() throws PollerException {
        return KqueueSystem.here().openPoller();
    }

    /**
     * Process descriptors are not available with libkqueue, whose kqueue is a pipe that never
     * becomes readable. Linux has pidfds instead.
     */
    private static final class Holder {
        static final NativeDescriptors DESCRIPTORS =
                KqueueSystem.IS_LIBKQUEUE
                        ? PosixDescriptors.INSTANCE
                        : PosixDescriptors.INSTANCE.withProcesses(KqueueSystem.here()::openProcess);
    }

    @Override
    public NativeDescriptors descriptors() {
        NativeAccess.requireUsable(unavailability());
        return Holder.DESCRIPTORS;
    }
}
