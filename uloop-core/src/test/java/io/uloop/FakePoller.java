package io.uloop;

import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Errno;
import io.uloop.poller.EventSink;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.ForwardingProvider;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A poller that never waits. Each poll delivers the next batch of the test and records its timeout.
 */
final class FakePoller implements Poller {
    final List<Long> timeouts = new ArrayList<>();
    final Set<Integer> registered = new HashSet<>();
    int wakeups;
    @Nullable PollerException nextPollFails;
    @Nullable PollerException nextAddFails;
    @Nullable PollerException nextModifyFails;

    /** A descriptor that is always ready. While it is set, nothing is recorded. */
    int busy = -1;

    /** Called inside the next poll, before its events. */
    Runnable duringPoll = () -> {};

    private final Deque<int[]> events = new ArrayDeque<>();
    private boolean open = true;

    /** Adds an event to the next batch. */
    void ready(int fd, int bits) {
        events.add(new int[] {fd, bits});
    }

    static PollerException error(int fd, Errno errno) {
        return new PollerException("fake", "", fd, errno, "requested by the test");
    }

    @Override
    public void add(int fd, int interest) throws PollerException {
        if (nextAddFails != null) {
            PollerException failure = nextAddFails;
            nextAddFails = null;
            throw failure;
        }
        if (!registered.add(fd)) {
            throw error(fd, Errno.EEXIST);
        }
    }

    @Override
    public void modify(int fd, int interest) throws PollerException {
        if (nextModifyFails != null) {
            PollerException failure = nextModifyFails;
            nextModifyFails = null;
            registered.remove(fd);
            throw failure;
        }
        if (!registered.contains(fd)) {
            throw error(fd, Errno.ENOENT);
        }
    }

    @Override
    public void remove(int fd) throws PollerException {
        if (!registered.remove(fd)) {
            throw error(fd, Errno.ENOENT);
        }
    }

    @Override
    public int poll(long timeoutNanos, EventSink sink) throws PollerException {
        if (!open) {
            throw new ClosedPollerException();
        }
        if (busy >= 0) {
            sink.onEvent(busy, UEvent.IN);
            return 1;
        }
        timeouts.add(timeoutNanos);
        duringPoll.run();
        if (nextPollFails != null) {
            throw nextPollFails;
        }
        int delivered = 0;
        for (int left = events.size(); left > 0; left--) {
            int[] event = events.remove();
            if (registered.contains(event[0])) {
                if ((event[1] & UEvent.NVAL) != 0) {
                    registered.remove(event[0]);
                }
                delivered++;
                sink.onEvent(event[0], event[1]);
            }
        }
        return delivered;
    }

    @Override
    public void wakeup() {
        wakeups++;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }

    /** {@return a backend that opens this poller} */
    PollerProvider provider() {
        return new ForwardingProvider(Pollers.providers().get(0)) {
            @Override
            public String name() {
                return "fake";
            }

            @Override
            public Poller open() {
                return FakePoller.this;
            }
        };
    }
}
