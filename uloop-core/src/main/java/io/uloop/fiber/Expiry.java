package io.uloop.fiber;

import io.uloop.poller.spi.SpinWait;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The timeout of some code of a fiber: an interrupt, which ends with that code. It does not reach
 * what follows, and it does not swallow {@link Fiber#interrupt}.
 */
final class Expiry extends Alarm {
    private enum State {
        RUNNING,
        EXPIRING,
        EXPIRED,
        ENDED
    }

    private final Fiber<?> fiber;
    private final @Nullable Expiry outer;
    private final int interrupts;
    private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);

    Expiry(Scheduler scheduler, Fiber<?> fiber) {
        super(scheduler.loop(), true);
        this.fiber = fiber;
        outer = fiber.expiry;
        interrupts = fiber.receivedInterrupts();
    }

    void start(Duration timeout) {
        fiber.expiry = this;
        set(timeout);
    }

    private boolean isExpired() {
        State now = state.get();
        return now == State.EXPIRING || now == State.EXPIRED;
    }

    @Override
    void ring() {
        if (state.compareAndSet(State.RUNNING, State.EXPIRING)) {
            fiber.thread().interrupt();
            state.set(State.EXPIRED);
        }
    }

    /**
     * Ends the timeout, on the fiber's thread. Called once.
     *
     * @return whether the time was over, so an interruption may be that of this timeout
     */
    boolean end() {
        fiber.expiry = outer;
        if (state.compareAndSet(State.RUNNING, State.ENDED)) {
            cancel();
            return false;
        }
        for (int round = 0; state.get() != State.EXPIRED; round++) {
            SpinWait.pause(round); // the loop's thread is about to interrupt this one
        }
        fiber.takeBackInterrupt(interrupts, this::isOuterExpired);
        return true;
    }

    private boolean isOuterExpired() {
        for (Expiry each = outer; each != null; each = each.outer) {
            if (each.isExpired()) {
                return true;
            }
        }
        return false;
    }
}
