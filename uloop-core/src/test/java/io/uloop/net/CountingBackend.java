package io.uloop.net;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** Wraps a backend, counts its calls by method name and fails selected ones. */
final class CountingBackend implements PollerProvider {
    private final PollerProvider backend;
    private final Map<String, Integer> calls = new HashMap<>();
    private final Descriptors descriptors;

    private final Map<String, Throwable> faults = new HashMap<>();
    private final Map<String, Integer> callsBeforeFault = new HashMap<>();

    /** Called before each read. */
    Runnable beforeRead = () -> {};

    /** Called with the descriptor and the address before each connect. */
    BiConsumer<Integer, SocketAddress> beforeConnect = (fd, address) -> {};

    CountingBackend(PollerProvider backend) {
        this.backend = backend;
        descriptors = counted(Descriptors.class, backend.descriptors());
    }

    /** Returns the number of calls of a method of descriptors or pollers since the last reset. */
    int take(String method) {
        Integer count = calls.remove(method);
        return count == null ? 0 : count;
    }

    /** Makes a method fail on one descriptor, after a number of calls that succeed. */
    void fail(int fd, String method, int callsBefore, Throwable fault) {
        callsBeforeFault.put(method + fd, callsBefore);
        faults.put(method + fd, fault);
    }

    /** Stops all failures. */
    void repair() {
        faults.clear();
    }

    private void throwFault(String call) throws Throwable {
        Throwable fault = faults.get(call);
        if (fault != null && callsBeforeFault.merge(call, -1, Integer::sum) < 0) {
            throw fault;
        }
    }

    /** Resets the counts. */
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
                            if (method.getName().equals("connect")) {
                                beforeConnect.accept(
                                        (Integer) arguments[0], (SocketAddress) arguments[1]);
                            }
                            throwFault(method.getName() + (arguments == null ? "" : arguments[0]));
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
