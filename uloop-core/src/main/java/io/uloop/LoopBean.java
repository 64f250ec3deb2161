package io.uloop;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The attributes of a loop in JMX. */
final class LoopBean implements UloopMXBean {
    /** Attributes that are read within this interval cover the same time. */
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String backend;
    private final Supplier<Optional<LoopMetrics>> metrics;
    private LoopMetrics earlier;
    private volatile LoopMetrics latest;
    private long latestNanos = System.nanoTime();

    /**
     * @param backend the name of the backend
     * @param metrics returns the metrics of the loop, or nothing once it was collected
     * @param first the first metrics
     */
    LoopBean(String backend, Supplier<Optional<LoopMetrics>> metrics, LoopMetrics first) {
        this.backend = backend;
        this.metrics = metrics;
        latest = first;
        earlier = first;
    }

    private LoopMetrics metrics() {
        return metrics.get().orElse(latest);
    }

    @Override
    public String getBackend() {
        return backend;
    }

    @Override
    public long getTurns() {
        return metrics().turns();
    }

    @Override
    public long getEvents() {
        return metrics().events();
    }

    @Override
    public double getEventsPerPoll() {
        return metrics().eventsPerPoll();
    }

    @Override
    public long getBusyNanos() {
        return metrics().busyNanos();
    }

    @Override
    public long getIdleNanos() {
        return metrics().idleNanos();
    }

    @Override
    public double getLoad() {
        return recent().load();
    }

    @Override
    public long getTurnNanosP99() {
        return recent().turnTimes().percentileNanos(99);
    }

    private synchronized LoopMetrics recent() {
        LoopMetrics current = metrics();
        long now = System.nanoTime();
        if (now - latestNanos >= INTERVAL_NANOS) {
            earlier = latest;
            latest = current;
            latestNanos = now;
        }
        return current.since(earlier);
    }

    @Override
    public long getTimerCalls() {
        return metrics().timerCalls();
    }

    @Override
    public long getTaskCalls() {
        return metrics().taskCalls();
    }

    @Override
    public long getWakeups() {
        return metrics().wakeups();
    }

    @Override
    public long getErrors() {
        return metrics().errors();
    }

    @Override
    public int getDescriptors() {
        return metrics().descriptors();
    }

    @Override
    public int getTimers() {
        return metrics().timers();
    }

    @Override
    public int getTasks() {
        return metrics().tasks();
    }

    @Override
    public long getBufferedBytes() {
        return metrics().bufferedBytes();
    }

    @Override
    public long getEndedForMemory() {
        return metrics().endedForMemory();
    }

    @Override
    public int getConnections() {
        return metrics().connections();
    }

    @Override
    public long getSlowCallbacks() {
        return metrics().slowCallbacks();
    }
}
