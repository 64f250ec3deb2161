package io.uloop;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The attributes of a loop in JMX. */
final class LoopBean implements UloopMXBean {
    /** Attributes that are read within this interval share one load value. */
    private static final long LOAD_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String backend;
    private final Supplier<LoopMetrics> metrics;
    private LoopMetrics earlier;
    private LoopMetrics latest;
    private long latestNanos = System.nanoTime();

    LoopBean(String backend, Supplier<LoopMetrics> metrics) {
        this.backend = backend;
        this.metrics = metrics;
        latest = metrics.get();
        earlier = latest;
    }

    @Override
    public String getBackend() {
        return backend;
    }

    @Override
    public long getTurns() {
        return metrics.get().turns();
    }

    @Override
    public long getEvents() {
        return metrics.get().events();
    }

    @Override
    public double getEventsPerPoll() {
        return metrics.get().eventsPerPoll();
    }

    @Override
    public long getBusyNanos() {
        return metrics.get().busyNanos();
    }

    @Override
    public long getIdleNanos() {
        return metrics.get().idleNanos();
    }

    @Override
    public synchronized double getLoad() {
        LoopMetrics current = metrics.get();
        long now = System.nanoTime();
        if (now - latestNanos >= LOAD_INTERVAL_NANOS) {
            earlier = latest;
            latest = current;
            latestNanos = now;
        }
        return current.since(earlier).load();
    }

    @Override
    public long getTimerCalls() {
        return metrics.get().timerCalls();
    }

    @Override
    public long getTaskCalls() {
        return metrics.get().taskCalls();
    }

    @Override
    public long getWakeups() {
        return metrics.get().wakeups();
    }

    @Override
    public long getErrors() {
        return metrics.get().errors();
    }

    @Override
    public int getDescriptors() {
        return metrics.get().descriptors();
    }

    @Override
    public int getTimers() {
        return metrics.get().timers();
    }

    @Override
    public int getTasks() {
        return metrics.get().tasks();
    }

    @Override
    public long getBufferedBytes() {
        return metrics.get().bufferedBytes();
    }

    @Override
    public long getEndedForMemory() {
        return metrics.get().endedForMemory();
    }
}
