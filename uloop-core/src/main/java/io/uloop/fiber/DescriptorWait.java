package io.uloop.fiber;

import io.uloop.ClosedLoopException;
import io.uloop.EventHandler;
import io.uloop.Registration;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One wait of one thread for a descriptor that it owns. */
final class DescriptorWait implements EventHandler, Waiting {
    private final Scheduler scheduler;
    private final int fd;
    private final int events;
    private final Thread thread = Thread.currentThread();
    private volatile int ready;

    /** Used on the loop's thread only. */
    private @Nullable Registration registration;

    private DescriptorWait(Scheduler scheduler, int fd, int events) {
        this.scheduler = scheduler;
        this.fd = fd;
        this.events = events;
    }

    /** Implements {@link Fibers#awaitReady}; without a timeout it waits for any time. */
    static int await(Scheduler scheduler, int fd, int events, @Nullable Duration timeout)
            throws IOException, InterruptedException {
        if ((events & ~UEvent.INTERESTS) != 0) {
            throw new IllegalArgumentException(
                    "cannot wait for " + UEvent.toString(events) + "; use IN, OUT, PRI and RDHUP");
        }
        scheduler.requireMayWait();
        scheduler.checkpoint();
        DescriptorWait wait = new DescriptorWait(scheduler, fd, events);
        Scheduler.Wakeup limit = new Scheduler.Wakeup(scheduler.loop(), true);
        try {
            wait.register();
            if (timeout != null) {
                limit.set(timeout);
            }
            while (wait.ready == 0 && !limit.isOver()) {
                scheduler.checkpoint();
                scheduler.park(wait);
            }
            return wait.ready;
        } finally {
            if (timeout != null) {
                limit.cancel();
            }
            wait.deregister();
        }
    }

    private void register() throws IOException {
        scheduler.onLoop(
                () -> {
                    registration = scheduler.loop().add(fd, events | UEvent.ONESHOT, this);
                    return true;
                });
    }

    /** Ends the registration before the caller may close the descriptor. */
    private void deregister() throws IOException {
        if (!scheduler.loop().isOpen()) {
            return;
        }
        try {
            scheduler.onLoop(
                    () -> {
                        if (registration != null) {
                            registration.close();
                        }
                        return true;
                    });
        } catch (ClosedLoopException e) {
            // Closed since the check. A closed loop has no registrations.
        }
    }

    @Override
    public FiberState state() {
        return FiberState.WAITING_FOR_DESCRIPTOR;
    }

    @Override
    public int fd() {
        return fd;
    }

    @Override
    public int events(Thread waiting) {
        return events;
    }

    @Override
    public void processEvent(int readyFd, int readyEvents) {
        ready |= readyEvents;
        scheduler.wakeInTurn(thread);
    }
}
