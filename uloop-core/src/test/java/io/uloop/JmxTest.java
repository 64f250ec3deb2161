package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.UEvent;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Tests a loop through JMX. */
class JmxTest extends EachBackend {
    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    private Uloop shown(String name) throws IOException {
        return closing(Uloop.builder().poller(provider).name(name).jmx(true).build());
    }

    private static ObjectName nameOf(String name) {
        try {
            return new ObjectName("io.uloop:type=Uloop,name=" + name);
        } catch (MalformedObjectNameException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void beanReturnsTheMetrics() throws IOException {
        Uloop shown = shown("shown");
        UloopMXBean bean = JMX.newMXBeanProxy(server, nameOf("shown"), UloopMXBean.class);
        int fd = readablePipe();
        shown.add(fd, UEvent.IN, (ready, events) -> {});
        shown.addPeriodic(Duration.ofNanos(1), () -> {});
        shown.execute(() -> {});
        shown.runOnce(1_000_000);
        shown.execute(() -> {});
        LoopMetrics metrics = shown.metrics();
        assertThat(bean.getBackend()).isEqualTo(provider.name());
        assertThat(bean.getTurns()).isEqualTo(1);
        assertThat(bean.getEvents()).isEqualTo(1);
        assertThat(bean.getEventsPerPoll()).isEqualTo(1.0);
        assertThat(bean.getBusyNanos()).isEqualTo(metrics.busyNanos()).isPositive();
        assertThat(bean.getIdleNanos()).isEqualTo(metrics.idleNanos());
        assertThat(bean.getLoad()).isEqualTo(metrics.load()).isPositive();
        assertThat(bean.getTimerCalls()).isEqualTo(1);
        assertThat(bean.getTaskCalls()).isEqualTo(1);
        assertThat(bean.getWakeups()).isZero();
        assertThat(bean.getErrors()).isZero();
        assertThat(bean.getDescriptors()).isEqualTo(1);
        assertThat(bean.getTimers()).isEqualTo(1);
        assertThat(bean.getTasks()).isEqualTo(1);
        assertThat(bean.getConnections()).isZero();
        assertThat(bean.getSlowCallbacks()).isZero();
        assertThat(bean.getTurnNanosP99())
                .isEqualTo(metrics.turnTimes().percentileNanos(99))
                .isPositive();
    }

    @Test
    void beanReturnsTheRecentLoad() throws IOException {
        Uloop shown = shown("shown");
        UloopMXBean bean = JMX.newMXBeanProxy(server, nameOf("shown"), UloopMXBean.class);
        shown.execute(
                () -> {
                    long start = System.nanoTime();
                    while (System.nanoTime() - start < 300_000_000) {
                        Thread.onSpinWait();
                    }
                });
        closing(new LoopThread(shown));
        shown.submit(() -> null).join();
        assertThat(bean.getLoad()).isPositive();
        Awaitility.await().atMost(DEADLINE).until(() -> bean.getLoad() < 0.1);
    }

    @Test
    void closeUnregistersTheBean() throws IOException {
        Uloop shown = shown("shown");
        assertThat(server.isRegistered(nameOf("shown"))).isTrue();
        shown.close();
        assertThat(server.isRegistered(nameOf("shown"))).isFalse();
        Uloop next = shown("shown");
        shown.close(); // again, which must not unregister the other loop
        assertThat(server.isRegistered(nameOf("shown"))).isTrue();
        next.close();
    }

    @Test
    void loopIsNotRegisteredByDefault() {
        assertThat(server.queryNames(nameOf("*"), null)).isEmpty();
    }

    @Test
    void secondLoopOfTheSameNameIsRejected() throws IOException {
        shown("same");
        assertThatThrownBy(() -> shown("same"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a loop named same is already registered in JMX; use a different name");
        assertThat(server.isRegistered(nameOf("same"))).isTrue();
    }

    @Test
    void namesWithSpecialCharactersAreQuoted() throws Exception {
        String odd = "a=b,\"c\":*?\n";
        shown(odd);
        ObjectName quoted = nameOf(ObjectName.quote(odd));
        assertThat(server.getAttribute(quoted, "Turns")).isEqualTo(0L);
    }

    @Test
    void closeToleratesAnUnregisteredBean() throws Exception {
        Uloop shown = shown("shown");
        server.unregisterMBean(nameOf("shown"));
        shown.close();
        assertThat(shown.isOpen()).isFalse();
    }
}
