package io.uloop.test;

import io.uloop.poller.tck.Interceptor;
import java.lang.reflect.RecordComponent;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Remembers where descriptors were opened, until they are closed. Thread-safe. */
final class Openings implements Interceptor {
    private static final Set<String> OPENERS =
            Set.of(
                    "accept",
                    "dup",
                    "eventfd",
                    "inotify",
                    "open",
                    "openDatagram",
                    "openListener",
                    "openStream",
                    "pidfd",
                    "pipe",
                    "pty",
                    "socketPair",
                    "timerfd");

    /** Called before a descriptor is closed, on the thread that closes it. */
    volatile IntConsumer onClose = fd -> {};

    private final Map<Integer, Opening> open = new ConcurrentHashMap<>();

    /** {@return where the open descriptors were opened} */
    Map<Integer, Opening> open() {
        return open;
    }

    @Override
    public @Nullable Object intercept(Call call) throws Throwable {
        if (call.name().equals("close")) {
            int fd = call.number(0);
            open.remove(fd); // first, because another thread may reuse the number
            onClose.accept(fd);
        }
        Object result = call.proceed();
        if (OPENERS.contains(call.name())) {
            opened(result);
        }
        return result;
    }

    /** Records one descriptor or a pair of them. */
    private void opened(@Nullable Object result) throws ReflectiveOperationException {
        if (result instanceof Integer fd && fd >= 0) { // negative if no connection is pending
            open.put(fd, Opening.here());
        } else if (result instanceof int[] pair) {
            for (int fd : pair) {
                opened(fd);
            }
        } else if (result instanceof Record pair) {
            for (RecordComponent end : pair.getClass().getRecordComponents()) {
                opened(end.getAccessor().invoke(pair));
            }
        }
    }
}
