package io.uloop.poller.kqueue;

import static io.uloop.poller.UEvent.IN;
import static io.uloop.poller.UEvent.RDHUP;
import static io.uloop.poller.kqueue.KqueueNative.EVFILT_READ;
import static io.uloop.poller.kqueue.KqueueNative.EVFILT_WRITE;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.posix.PosixDescriptors;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The backend {@code libkqueue}: kqueue on Linux for the fuzzer, which makes up for each {@link
 * LibkqueueQuirk} that random sequences meet. Found as a service wherever the test classes of this
 * module are.
 */
public final class LibkqueueProvider implements PollerProvider {
    private static final KqueueAbi ABI =
            Objects.requireNonNull(KqueueAbi.forSystem("Linux", ""), "libkqueue's");

    private final KqueueProvider kqueue = new KqueueProvider();
    private final Set<Integer> queues = ConcurrentHashMap.newKeySet();

    /** Made by {@link java.util.ServiceLoader}. */
    public LibkqueueProvider() {}

    /** Bound when first used. */
    private static final class Bound {
        static final KqueueNative.Calls CALLS =
                KqueueNative.bind(Path.of(Objects.requireNonNull(library())));
    }

    private static @Nullable String library() {
        return System.getProperty(KqueueSystem.LIBRARY_PROPERTY);
    }

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
        return library() == null ? "no libkqueue is named" : kqueue.unavailability();
    }

    @Override
    public int supportedEvents() {
        return kqueue.supportedEvents();
    }

    @Override
    public Poller open() throws IOException {
        return withoutSharedEdges(KqueuePoller.open(calls(), ABI));
    }

    private KqueueNative.Calls calls() {
        KqueueNative.Calls calls = Bound.CALLS;
        return intercepted(
                KqueueNative.Calls.class,
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

    /** {@link LibkqueueQuirk#EDGE_IS_OF_BOTH_FILTERS}: asks for no RDHUP without IN, a hint. */
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
    public Descriptors descriptors() {
        Descriptors descriptors = PosixDescriptors.INSTANCE;
        return intercepted(
                Descriptors.class,
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

    /** {@link LibkqueueQuirk#CLOSE_GOES_UNNOTICED}: deletes what a kernel deletes. */
    private void tellOfClose(int fd) {
        KqueueNative.Calls calls = Bound.CALLS;
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
