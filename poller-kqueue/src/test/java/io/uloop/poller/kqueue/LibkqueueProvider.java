package io.uloop.poller.kqueue;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The backend {@code libkqueue}: kqueue on Linux for the fuzzer, without the files that a {@link
 * LibkqueueQuirk} speaks of. Found as a service wherever the test classes of this module are.
 */
public final class LibkqueueProvider implements PollerProvider {
    /** By what opens them. */
    private static final Map<String, LibkqueueQuirk> QUIRKS =
            Map.of(
                    "openDatagram", LibkqueueQuirk.PENDING_ERROR_IS_TAKEN,
                    "dup", LibkqueueQuirk.CLOSE_GOES_UNNOTICED);

    private final KqueueProvider kqueue = new KqueueProvider();

    /** Made by {@link java.util.ServiceLoader}. */
    public LibkqueueProvider() {}

    @Override
    public String name() {
        return "libkqueue";
    }

    /** Never chosen but by name. */
    @Override
    public int priority() {
        return Integer.MIN_VALUE;
    }

    @Override
    public @Nullable String unavailability() {
        return System.getProperty(KqueueSystem.LIBRARY_PROPERTY) == null
                ? "no libkqueue is named"
                : kqueue.unavailability();
    }

    @Override
    public int supportedEvents() {
        return kqueue.supportedEvents();
    }

    @Override
    public Poller open() throws IOException {
        return kqueue.open();
    }

    @Override
    public Descriptors descriptors() {
        Descriptors descriptors = kqueue.descriptors();
        return (Descriptors)
                Proxy.newProxyInstance(
                        Descriptors.class.getClassLoader(),
                        new Class<?>[] {Descriptors.class},
                        (proxy, method, arguments) -> {
                            LibkqueueQuirk quirk = QUIRKS.get(method.getName());
                            if (quirk != null) {
                                throw new UnsupportedOperationException(quirk.reason);
                            }
                            try {
                                return method.invoke(descriptors, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
