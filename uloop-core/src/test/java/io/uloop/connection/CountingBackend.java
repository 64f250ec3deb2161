package io.uloop.connection;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.ForwardingProvider;
import io.uloop.poller.tck.Interceptor;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** Wraps a backend, counts its calls by method name and fails selected ones. */
final class CountingBackend extends ForwardingProvider {
    private final Map<String, Integer> calls = new HashMap<>();
    private final Interceptor counter = this::count;
    private final Descriptors descriptors;

    private final Map<String, Throwable> faults = new HashMap<>();
    private final Map<String, Integer> callsBeforeFault = new HashMap<>();

    /** Called before each read. */
    Runnable beforeRead = () -> {};

    /** Called with the descriptor and the address before each connect. */
    BiConsumer<Integer, SocketAddress> beforeConnect = (fd, address) -> {};

    CountingBackend(PollerProvider backend) {
        super(backend);
        descriptors = counter.before(Descriptors.class, backend.descriptors());
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

    /** Resets the counts. */
    void reset() {
        calls.clear();
    }

    private Object count(Interceptor.Call call) throws Throwable {
        Object[] arguments = call.arguments();
        calls.merge(call.name(), 1, Integer::sum);
        if (call.name().equals("read")) {
            beforeRead.run();
        }
        if (call.name().equals("connect")) {
            beforeConnect.accept(call.number(0), (SocketAddress) arguments[1]);
        }
        throwFault(call.name() + (arguments.length == 0 ? "" : arguments[0]));
        return call.proceed();
    }

    private void throwFault(String call) throws Throwable {
        Throwable fault = faults.get(call);
        if (fault != null && callsBeforeFault.merge(call, -1, Integer::sum) < 0) {
            throw fault;
        }
    }

    @Override
    public Poller open() throws PollerException {
        return counter.before(Poller.class, super.open());
    }

    @Override
    public Descriptors descriptors() {
        return descriptors;
    }
}
