package io.uloop.live;

import io.uloop.LoopMetrics;
import io.uloop.Uloop;
import io.uloop.internal.LoopAccess;
import io.uloop.observe.LoopObserver;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the shown loops have done since the previous sample. Reads what a loop publishes and never
 * runs anything on it.
 *
 * <p>Not thread-safe: call from the thread of the page's own loop.
 */
final class LoopSamples {
    /**
     * A sample of one loop.
     *
     * @param total since the loop was opened
     * @param recent since the previous sample, or null if there is none
     * @param nanos the time since the previous sample
     * @param taken when this sample was taken, a value of {@link System#nanoTime}
     */
    record Sample(LoopMetrics total, @Nullable LoopMetrics recent, long nanos, long taken) {
        /** {@return a count per second; null if unknown} */
        @Nullable Double perSecond(long count) {
            return recent == null || nanos <= 0
                    ? null
                    : count * (double) TimeUnit.SECONDS.toNanos(1) / nanos;
        }
    }

    private final ShownLoops loops;
    private final Map<Uloop, Sample> latest = new WeakHashMap<>();

    LoopSamples(ShownLoops loops) {
        this.loops = loops;
    }

    /** Takes a sample of each loop. */
    void take() {
        for (Uloop loop : loops.list()) {
            Sample earlier = latest.get(loop);
            if (earlier == null) {
                LoopObserver observer = LoopAccess.of(loop).observer();
                observer.watchTurns();
                observer.watchRegistrations();
            }
            long now = System.nanoTime();
            LoopMetrics total = loop.metrics();
            latest.put(
                    loop,
                    earlier == null
                            ? new Sample(total, null, 0, now)
                            : new Sample(
                                    total, total.since(earlier.total), now - earlier.taken, now));
        }
    }

    /** {@return the latest sample of a loop, or null if there is none} */
    @Nullable Sample latest(Uloop loop) {
        return latest.get(loop);
    }

    /** Ends the measurements that the samples need. */
    void close() {
        latest.keySet()
                .forEach(
                        loop -> {
                            LoopObserver observer = LoopAccess.of(loop).observer();
                            observer.unwatchTurns();
                            observer.unwatchRegistrations();
                        });
        latest.clear();
    }
}
