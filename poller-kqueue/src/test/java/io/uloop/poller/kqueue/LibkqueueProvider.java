package io.uloop.poller.kqueue;

import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.RDHUP;
import static io.uloop.poller.kqueue.KqueueCalls.EVFILT_READ;
import static io.uloop.poller.kqueue.KqueueCalls.EVFILT_WRITE;

import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.kqueue.KqueueCalls.Calls;
import io.uloop.poller.posix.PosixDescriptors;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Provides the backend {@code libkqueue}: kqueue on Linux for the fuzzer. It works around each
 * {@link LibkqueueQuirk} that random sequences trigger. Registered as a service of this module's
 * tests. Thread-safe.
 */
public final class LibkqueueProvider implements PollerProvider {
    private static final KqueueAbi ABI =
            Objects.requireNonNull(KqueueAbi.forSystem("Linux", ""), "libkqueue's");

    private final KqueueProvider kqueue = new KqueueProvider();
    private final Set<Integer> queues = ConcurrentHashMap.newKeySet();

    /** Called by {@link java.util.ServiceLoader}. */
    public LibkqueueProvider() {}

    /** Initialized on first use. */
    private static final class Bound {
        static final Calls CALLS = KqueueCalls.bind(Path.of(Objects.requireNonNull(library())));
    }

    private static @Nullable String library() {
        return System.getProperty(KqueueSystem.LIBRARY_PROPERTY);
    }

    @Override
    public String name() {
        return "libkqueue";
    }

    /** The lowest priority, so that it is chosen only by name. */
    @Override
    public int priority() {
        return Integer.MIN_VALUE;
    }

    @Override
    public @Nullable String unavailability() {
        return library() == null ? "no libkqueue is configured" : kqueue.unavailability();
    }

    @Override
    public int supportedEvents() {
        return kqueue.supportedEvents();
    }

    @Override
    public Poller open() throws PollerException {
        return withoutSharedEdges(KqueuePoller.open(calls(), ABI));
    }

    private Calls calls() {
        Calls calls = Bound.CALLS;
        return intercepted(
                Calls.class,
                (method, arguments) -> {
                    if (method.getName().equals("close")) {
                        queues.remove((Integer) arguments[0]);
                    }
                    Object result = invoke(method, calls, arguments);
                    if (method.getName().equals("kqueue")) {
                        queues.add((Integer) result);
                    }
                    return result;
                });
    }

    /**
     * Works around {@link LibkqueueQuirk#EDGE_IS_OF_BOTH_FILTERS}: never requests RDHUP without IN,
     * which is only a hint.
     */
    private static Poller withoutSharedEdges(Poller poller) {
        return intercepted(
                Poller.class,
                (method, arguments) -> {
                    if (Set.of("add", "modify").contains(method.getName())
                            && ((int) arguments[1] & (IN | RDHUP)) == RDHUP) {
                        arguments[1] = (int) arguments[1] & ~RDHUP;
                    }
                    return invoke(method, poller, arguments);
                });
    }

    @Override
    public NativeDescriptors descriptors() {
        NativeDescriptors descriptors = PosixDescriptors.INSTANCE;
        return intercepted(
                NativeDescriptors.class,
                (method, arguments) -> {
                    if (method.getName().equals("openDatagram")) {
                        throw new UnsupportedOperationException(
                                LibkqueueQuirk.PENDING_ERROR_IS_TAKEN.reason);
                    }
                    if (method.getName().equals("close")) {
                        tellOfClose((int) arguments[0]);
                    }
                    return invoke(method, descriptors, arguments);
                });
    }

    /**
     * Works around {@link LibkqueueQuirk#CLOSE_GOES_UNNOTICED}: deletes the filters that a kernel
     * would delete.
     */
    private void tellOfClose(int fd) {
        Calls calls = Bound.CALLS;
        for (int kq : queues) {
            KqueueChanges changes = new KqueueChanges(ABI);
            changes.delete(fd, EVFILT_READ);
            changes.delete(fd, EVFILT_WRITE);
            changes.submit(calls, kq);
            changes.free();
        }
    }

    private interface Interception {
        @Nullable Object call(Method method, Object[] arguments) throws Throwable;
    }

    private static <T> T intercepted(Class<T> type, Interception interception) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> interception.call(method, arguments)));
    }

    private static @Nullable Object invoke(Method method, Object target, Object[] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
