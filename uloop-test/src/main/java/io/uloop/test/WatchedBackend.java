package io.uloop.test;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.tck.ForwardingProvider;
import io.uloop.poller.tck.Interceptor;
import io.uloop.poller.tck.OpenDescriptors;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A backend that knows which descriptors are open, and where each was opened. */
final class WatchedBackend extends ForwardingProvider {
    /** How long to wait for descriptors that other threads close. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    final Openings openings = new Openings();
    private final Descriptors descriptors;

    /** While true, polls do not wait. Only the test's thread uses these two. */
    private boolean noWaits;

    private long wantedNanos;

    WatchedBackend(PollerProvider backend) {
        super(backend);
        descriptors = openings.before(Descriptors.class, backend.descriptors());
    }

    @Override
    public Descriptors descriptors() {
        return descriptors;
    }

    @Override
    public Poller open() throws PollerException {
        Interceptor waits = this::interceptPoll;
        return waits.before(Poller.class, super.open());
    }

    private @Nullable Object interceptPoll(Interceptor.Call call) throws Throwable {
        if (noWaits && call.arguments().length > 0 && call.arguments()[0] instanceof Long nanos) {
            wantedNanos = nanos;
            call.arguments()[0] = 0L;
        }
        return call.proceed();
    }

    /** Runs one turn without a wait. Returns how long the loop wanted to wait; negative forever. */
    long waitOf(Uloop loop) throws IOException {
        noWaits = true;
        wantedNanos = 0;
        try {
            loop.runOnce(-1);
            return wantedNanos;
        } finally {
            noWaits = false;
        }
    }

    /** Fails if a descriptor stays open that was opened since an earlier list. */
    void assertAllClosed(SortedMap<Integer, String> before) {
        long start = System.nanoTime();
        Map<Integer, Opening> left = stillOpen();
        while (!left.isEmpty() && System.nanoTime() - start < PATIENCE.toNanos()) {
            LockSupport.parkNanos(1_000_000);
            left = stillOpen();
        }
        if (left.isEmpty()) {
            OpenDescriptors.assertNoneSince(before); // which others have opened
            return;
        }
        SortedMap<Integer, String> kinds = OpenDescriptors.since(before);
        List<String> lines = new ArrayList<>();
        left.forEach((fd, opening) -> lines.add(opening.describe(fd, kinds.remove(fd))));
        if (isNative() && !kinds.isEmpty()) {
            lines.add("others, which were not opened through Uloop.descriptors: " + kinds);
        }
        AssertionError failure =
                new AssertionError("the test left descriptors open:\n" + String.join("\n", lines));
        left.values().forEach(opening -> failure.addSuppressed(opening.stack()));
        throw failure;
    }

    /** Returns the open descriptors without those that were closed in another way. */
    private Map<Integer, Opening> stillOpen() {
        Map<Integer, Opening> open = new TreeMap<>(openings.open());
        if (isNative() && OpenDescriptors.areListed()) {
            open.keySet().removeIf(fd -> !OpenDescriptors.contains(fd));
        }
        return open;
    }
}
