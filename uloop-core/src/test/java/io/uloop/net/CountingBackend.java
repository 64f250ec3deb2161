package io.uloop.net;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;

/** A backend that counts what is asked of another one, by the names of its methods. */
final class CountingBackend implements PollerProvider {
    private final PollerProvider backend;
    private final Map<String, Integer> calls = new HashMap<>();
    private final Descriptors descriptors;

    /** Called before each read. */
    Runnable beforeRead = () -> {};

    CountingBackend(PollerProvider backend) {
        this.backend = backend;
        descriptors = counted(Descriptors.class, backend.descriptors());
    }

    /** How often a method of the descriptors or of a poller has been called since the last time. */
    int take(String method) {
        Integer count = calls.remove(method);
        return count == null ? 0 : count;
    }

    /** Starts to count from nothing. */
    void reset() {
        calls.clear();
    }

    private <T> T counted(Class<T> type, T target) {
        Object proxy =
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (self, method, arguments) -> {
                            calls.merge(method.getName(), 1, Integer::sum);
                            if (method.getName().equals("read")) {
                                beforeRead.run();
                            }
                            try {
                                return method.invoke(target, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
        return type.cast(proxy);
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
    public String unavailability() {
        return backend.unavailability();
    }

    @Override
    public int supportedEvents() {
        return backend.supportedEvents();
    }

    @Override
    public Poller open() throws IOException {
        return counted(Poller.class, backend.open());
    }

    @Override
    public Descriptors descriptors() {
        return descriptors;
    }
}
