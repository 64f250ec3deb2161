package io.uloop;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** A loop in the platform's MBean server. */
final class LoopBean implements UloopMXBean {
    /** Attributes that are read within this interval share one load value. */
    private static final long LOAD_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Uloop loop;
    private LoopMetrics earlier;
    private LoopMetrics latest;
    private long latestNanos = System.nanoTime();

    private LoopBean(Uloop loop) {
        this.loop = loop;
        latest = loop.metrics();
        earlier = latest;
    }

    /** Registers a loop until the result is closed. */
    static Handle register(Uloop loop) {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        try {
            ObjectName name =
                    new ObjectName("io.uloop:type=Uloop,name=" + quotedIfNeeded(loop.name()));
            server.registerMBean(new LoopBean(loop), name);
            AtomicBoolean registered = new AtomicBoolean(true);
            return () -> {
                if (registered.getAndSet(false)) { // once only: another loop may use the name later
                    unregister(server, name);
                }
            };
        } catch (InstanceAlreadyExistsException e) {
            throw new IllegalStateException(
                    "a loop named "
                            + loop.name()
                            + " is already registered in JMX; use a different name",
                    e);
        } catch (JMException e) {
            throw new IllegalStateException("cannot register " + loop.name() + " in JMX", e);
        }
    }

    private static void unregister(MBeanServer server, ObjectName name) {
        try {
            server.unregisterMBean(name);
        } catch (InstanceNotFoundException e) {
            // Already unregistered by other code.
        } catch (JMException e) {
            throw new IllegalStateException("cannot unregister " + name + " from JMX", e);
        }
    }

    private static String quotedIfNeeded(String name) {
        return name.matches("[^,=:\"*?\n]+") ? name : ObjectName.quote(name);
    }

    @Override
    public String getBackend() {
        return loop.provider().name();
    }

    @Override
    public long getTurns() {
        return loop.metrics().turns();
    }

    @Override
    public long getEvents() {
        return loop.metrics().events();
    }

    @Override
    public double getEventsPerPoll() {
        return loop.metrics().eventsPerPoll();
    }

    @Override
    public long getBusyNanos() {
        return loop.metrics().busyNanos();
    }

    @Override
    public long getIdleNanos() {
        return loop.metrics().idleNanos();
    }

    @Override
    public synchronized double getLoad() {
        LoopMetrics current = loop.metrics();
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
        return loop.metrics().timerCalls();
    }

    @Override
    public long getTaskCalls() {
        return loop.metrics().taskCalls();
    }

    @Override
    public long getWakeups() {
        return loop.metrics().wakeups();
    }

    @Override
    public long getErrors() {
        return loop.metrics().errors();
    }

    @Override
    public int getDescriptors() {
        return loop.metrics().descriptors();
    }

    @Override
    public int getTimers() {
        return loop.metrics().timers();
    }

    @Override
    public int getTasks() {
        return loop.metrics().tasks();
    }

    @Override
    public long getBufferedBytes() {
        return loop.metrics().bufferedBytes();
    }

    @Override
    public long getEndedForMemory() {
        return loop.metrics().endedForMemory();
    }
}
