package io.uloop.poller.tck;

import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Errno;
import io.uloop.poller.EventSink;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A poller without a kernel, which never waits. Each poll delivers the next batch of the test and
 * records its timeout. Any number may be registered.
 *
 * <p>Not thread-safe: call from the test's thread.
 *
 * @since 0.1
 */
public final class ScriptedPoller implements Poller {
    /** The timeouts of the polls so far, in nanoseconds. */
    public final List<Long> timeouts = new ArrayList<>();

    /** The registered numbers. */
    public final Set<Integer> registered = new HashSet<>();

    /** How often the poller was woken. */
    public int wakeups;

    /** Thrown by every poll while it is set. */
    public @Nullable PollerException pollFails;

    /** Thrown by the next add. */
    public @Nullable PollerException nextAddFails;

    /** Thrown by the next modify, which also ends the registration. */
    public @Nullable PollerException nextModifyFails;

    /** A descriptor that is always ready. While it is set, nothing is recorded. */
    public int busy = -1;

    /** Called inside each poll, before its events. */
    public Runnable duringPoll = () -> {};

    private final Deque<int[]> events = new ArrayDeque<>();
    private boolean open = true;

    /** Creates an open poller without registrations. */
    public ScriptedPoller() {}

    /**
     * Adds an event to the next batch.
     *
     * @param fd a number; an unregistered one gets no event
     * @param bits the events of {@link UEvent}
     */
    public void ready(int fd, int bits) {
        events.add(new int[] {fd, bits});
    }

    /**
     * Returns a failure of a call.
     *
     * @param fd the descriptor
     * @param errno the errno
     * @return an exception to throw
     */
    public static PollerException error(int fd, Errno errno) {
        return new PollerException("scripted", "", fd, errno, "requested by the test");
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
        if (pollFails != null) {
            throw pollFails;
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

    /** {@return a backend that opens this poller, with the I/O of a usable backend} */
    public PollerProvider provider() {
        return new ForwardingProvider(Pollers.providers().get(0)) {
            @Override
            public String name() {
                return "scripted";
            }

            @Override
            public Poller open() {
                return ScriptedPoller.this;
            }
        };
    }
}
