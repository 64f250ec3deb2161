package io.uloop.benchmarks.question;

import io.uloop.poller.Descriptors;
import io.uloop.poller.EventSink;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import org.jspecify.annotations.Nullable;

/**
 * A poller without a kernel: the descriptors from 0 up to a limit are ready in every poll. It
 * leaves only the cost of the loop itself to measure.
 */
final class ReadyPoller implements Poller {
    private final int ready;
    private boolean open = true;

    private ReadyPoller(int ready) {
        this.ready = ready;
    }

    @Override
    public void add(int fd, int interest) {}

    @Override
    public void modify(int fd, int interest) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void remove(int fd) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int poll(long timeoutNanos, EventSink sink) {
        for (int fd = 0; fd < ready; fd++) {
            sink.onEvent(fd, UEvent.IN);
        }
        return ready;
    }

    @Override
    public void wakeup() {}

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }

    /** Returns a provider of such pollers, with the descriptors of the best usable backend. */
    static PollerProvider provider(int ready) {
        return new PollerProvider() {
            @Override
            public String name() {
                return "none";
            }

            @Override
            public int priority() {
                return 0;
            }

            @Override
            public @Nullable String unavailability() {
                return null;
            }

            @Override
            public int supportedEvents() {
                return UEvent.INTERESTS;
            }

            @Override
            public Poller open() {
                return new ReadyPoller(ready);
            }

            @Override
            public Descriptors descriptors() {
                return Pollers.provider().descriptors();
            }
        };
    }
}
