package io.uloop.cookbook;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.uloop.LoopMetrics;
import io.uloop.Uloop;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** The metrics of a loop as meters of Micrometer. Bind one per loop, for example of a group. */
final class LoopMeters implements MeterBinder {
    private final Uloop loop;
    private final Tags tags;

    /**
     * @param loop one built with {@code turnTimes(true)} also has the times of its turns
     * @param name the value of the tag {@code loop}
     */
    LoopMeters(Uloop loop, String name) {
        this.loop = loop;
        tags = Tags.of("loop", name);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        count(registry, "uloop.turns", "turns", LoopMetrics::turns);
        count(registry, "uloop.events", "events of descriptors", LoopMetrics::events);
        count(registry, "uloop.errors", "callbacks that threw", LoopMetrics::errors);
        count(registry, "uloop.slow", "callbacks over the threshold", LoopMetrics::slowCallbacks);
        count(registry, "uloop.busy", "seconds in callbacks", each -> each.busyNanos() / 1e9);
        count(registry, "uloop.idle", "seconds in waits", each -> each.idleNanos() / 1e9);
        gauge(registry, "uloop.descriptors", "watched descriptors", LoopMetrics::descriptors);
        gauge(registry, "uloop.connections", "open connections", LoopMetrics::connections);
        gauge(registry, "uloop.timers", "timers that wait", LoopMetrics::timers);
        gauge(registry, "uloop.tasks", "tasks that wait", LoopMetrics::tasks);
        gauge(registry, "uloop.buffered", "buffered bytes", LoopMetrics::bufferedBytes);
        TimeGauge.builder("uloop.turn.p99", loop, TimeUnit.NANOSECONDS, LoopMeters::p99)
                .description("99th percentile of turns since the loop was opened")
                .tags(tags)
                .register(registry);
    }

    private static double p99(Uloop loop) {
        return loop.metrics().turnTimes().percentileNanos(99);
    }

    private void count(
            MeterRegistry registry, String name, String what, ToDoubleFunction<LoopMetrics> value) {
        FunctionCounter.builder(name, loop, each -> value.applyAsDouble(each.metrics()))
                .description(what)
                .tags(tags)
                .register(registry);
    }

    private void gauge(
            MeterRegistry registry, String name, String what, ToDoubleFunction<LoopMetrics> value) {
        Gauge.builder(name, loop, each -> value.applyAsDouble(each.metrics()))
                .description(what)
                .tags(tags)
                .register(registry);
    }
}
