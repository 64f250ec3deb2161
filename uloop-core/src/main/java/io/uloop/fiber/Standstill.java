package io.uloop.fiber;

import io.uloop.LoopTask;
import io.uloop.Timer;
import io.uloop.observe.SafeLog;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out that no fiber can continue: all of them wait, and neither a descriptor nor a timer nor
 * a task of the loop can resume one. If all wait for each other, this is certain. Otherwise another
 * thread might still resume one.
 *
 * <p>Not thread-safe: call from the loop's thread.
 */
final class Standstill implements LoopTask {
    private static final Duration FIRST_CHECK = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(64);

    private final Scheduler scheduler;
    private final Supplier<String> dump;
    private Duration pause = FIRST_CHECK;
    private @Nullable Timer timer;
    private @Nullable FiberMetrics suspected;
    private boolean warned;
    private @Nullable String proof;

    Standstill(Scheduler scheduler, Supplier<String> dump) {
        this.scheduler = scheduler;
        this.dump = dump;
    }

    void start() {
        timer = scheduler.loop().callLater(pause, this);
    }

    void stop() {
        if (timer != null) {
            timer.close();
        }
    }

    /** Throws if all fibers wait for each other. */
    void throwIfProven() {
        if (proof != null) {
            throw new IllegalStateException(proof);
        }
    }

    @Override
    public void run() {
        FiberMetrics now = scheduler.metrics();
        if (!isStanding()) {
            suspected = null;
            warned = false;
            pause =
                    pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                            ? pause.multipliedBy(2)
                            : LONGEST_PAUSE;
        } else if (!now.equals(suspected)) { // it may have moved just before
            suspected = now;
            pause = FIRST_CHECK;
        } else if (areAllJoining()) {
            proof = "no fiber can continue, because all wait for each other: " + dump.get();
            scheduler.loop().stop();
            return;
        } else if (!warned) {
            warned = true;
            SafeLog.write(
                    System.getLogger("io.uloop.fiber"),
                    System.Logger.Level.WARNING,
                    "no fiber can continue unless another thread resumes it: " + dump.get(),
                    null);
        }
        start();
    }

    /** Returns whether all fibers wait and the loop has nothing else to do. */
    private boolean isStanding() {
        int live = scheduler.live().size();
        return live > 0
                && scheduler.isStillExceptFor(live)
                && scheduler.live().stream().allMatch(Standstill::isStanding);
    }

    /** Returns whether a fiber waits. One that only waits for a processor does not. */
    private static boolean isStanding(Fiber<?> fiber) {
        return fiber.thread().getState() == Thread.State.WAITING
                && (fiber.isHeldUpByFiber() || fiber.info().state() == FiberState.BLOCKED);
    }

    private boolean areAllJoining() {
        return scheduler.live().stream().allMatch(Fiber::isHeldUpByFiber);
    }
}
