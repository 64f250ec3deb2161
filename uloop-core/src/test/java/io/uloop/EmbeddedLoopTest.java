package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.uloop.net.UdpChannel;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.Backends;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests a loop that another loop runs. The outer loop has the backend under test. */
class EmbeddedLoopTest extends EachBackend {
    private final List<String> calls = new ArrayList<>();
    private Uloop inner;

    /** Opens the inner loop on the best backend, on which loops can be embedded. */
    @BeforeEach
    void openInner() throws IOException {
        PollerProvider best = Backends.usable().get(0);
        assumeTrue(best.name().equals("epoll") || best.name().equals("kqueue"));
        assumeTrue(provider.descriptors() == best.descriptors(), "select watches only channels");
        inner = build(best);
    }

    private Handle runInner() throws IOException {
        return EmbeddedLoop.of(inner).runIn(loop);
    }

    @Test
    void innerTimersTasksAndEventsAreCalledByTheOuterLoop() throws IOException {
        runInner();
        int readEnd = readablePipe();
        inner.add(
                readEnd,
                UEvent.IN,
                (fd, events) -> {
                    calls.add("event");
                    inner.remove(fd);
                });
        inner.callLater(Duration.ofMillis(5), () -> calls.add("timer"));
        inner.callSoon(() -> calls.add("task"));
        loop.runUntilIdle();
        assertThat(calls).containsExactlyInAnyOrder("task", "event", "timer");
        assertThat(calls).startsWith("task");
    }

    @Test
    void unreferencedChannelOfTheInnerLoopLetsTheOuterRunEnd() throws IOException {
        runInner();
        UdpChannel channel = closing(UdpChannel.open(inner, anyPort()));
        channel.register(UEvent.IN, (fd, events) -> channel.close());
        channel.unref();
        loop.runUntilIdle();
        assertThat(channel.isOpen()).isTrue();
        channel.ref();
        channel.send(bytes("x"), channel.getLocalAddress());
        loop.runUntilIdle();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void outerCallbackThatUsesTheInnerLoopWakesIt() throws IOException {
        runInner();
        Descriptors.Pipe ends = highPipe();
        inner.callLater(Duration.ofHours(1), () -> calls.add("late")).unref();
        loop.callLater(
                Duration.ofMillis(2),
                () ->
                        inner.callLater(
                                Duration.ofMillis(2),
                                () -> {
                                    calls.add("inner timer");
                                    loop.callSoon(() -> calls.add("outer task"));
                                    inner.add(
                                            ends.readEnd(),
                                            UEvent.IN,
                                            (fd, events) -> {
                                                calls.add("inner event");
                                                inner.remove(fd);
                                            });
                                    write(ends.writeEnd(), "x");
                                }));
        loop.runUntilIdle();
        assertThat(calls)
                .startsWith("inner timer")
                .containsExactlyInAnyOrder("inner timer", "outer task", "inner event");
    }

    @Test
    void taskOfAnotherThreadWakesBoth() throws Exception {
        runInner();
        onAnotherThreadWhileTheLoopRuns(
                () -> {
                    for (int i = 0; i < 1000; i++) {
                        assertThat(inner.submit(Thread::currentThread).get())
                                .isNotSameAs(Thread.currentThread());
                    }
                });
    }

    @Test
    void outerRunIsIdleOnceBothAre() throws IOException {
        Handle nesting = runInner();
        Timer hourly = inner.callLater(Duration.ofHours(1), () -> {});
        loop.callLater(Duration.ofMillis(3), hourly::close);
        loop.runUntilIdle();
        hourly.reschedule(Duration.ofHours(1));
        nesting.close();
        nesting.close();
        loop.runUntilIdle();
        assertThat(hourly.isActive()).isTrue();
        assertThat(loop.metrics().descriptors()).isZero();
        assertThat(loop.metrics().timers()).isZero();
    }

    @Test
    void closeOfTheInnerLoopEndsIt() throws Exception {
        runInner();
        inner.callEvery(Duration.ofMillis(1), () -> calls.add("timer"));
        inner.callLater(Duration.ofMillis(3), inner::close);
        loop.runUntilIdle();
        assertThat(calls).isNotEmpty();
        assertThat(loop.metrics().descriptors()).isZero();
        assertThatThrownBy(this::runInner).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closeByAnotherThreadEndsIt() throws Exception {
        runInner();
        onAnotherThreadWhileTheLoopRuns(inner::close);
        runUntil(() -> loop.metrics().descriptors() == 0);
        loop.runUntilIdle();
        assertThat(loop.metrics().timers()).isZero();
    }

    @Test
    void loopsNestToAnyReasonableDepth() throws IOException {
        Uloop middle = build(inner.provider());
        EmbeddedLoop.of(inner).runIn(middle);
        EmbeddedLoop.of(middle).runIn(loop);
        inner.callLater(Duration.ofMillis(2), () -> calls.add("timer"));
        int readEnd = readablePipe();
        inner.add(
                readEnd,
                UEvent.IN,
                (fd, events) -> {
                    calls.add("event");
                    inner.remove(fd);
                });
        loop.runUntilIdle();
        assertThat(calls).containsExactlyInAnyOrder("event", "timer");
    }

    @Test
    void plainPollerRunsALoop() throws Exception {
        EmbeddedLoop embedded = EmbeddedLoop.of(inner);
        Descriptors.Pipe ends = highPipe();
        LoopTask task =
                () -> {
                    calls.add("task");
                    write(ends.writeEnd(), "x");
                };
        Thread other = new Thread(() -> inner.post(task));
        inner.callLater(Duration.ofMillis(5), () -> calls.add("timer"));
        inner.add(
                ends.readEnd(),
                UEvent.IN,
                (fd, events) -> {
                    calls.add("event");
                    inner.close();
                });
        inner.callLater(Duration.ofMillis(10), other::start);
        try (Poller poller = provider.open()) {
            poller.add(embedded.fd(), UEvent.IN);
            while (inner.isOpen()) {
                poller.poll(embedded.timeoutNanos(), (fd, events) -> {});
                embedded.run();
            }
        }
        other.join();
        assertThat(calls).containsExactly("timer", "task", "event");
    }

    @Test
    void timeoutIsThatOfWhatIsDue() throws IOException {
        EmbeddedLoop embedded = EmbeddedLoop.of(inner);
        assertThat(embedded.timeoutNanos()).isEqualTo(-1);
        Timer timer = inner.callLater(Duration.ofHours(1), () -> {});
        assertThat(embedded.timeoutNanos())
                .isBetween(Duration.ofMinutes(30).toNanos(), Duration.ofHours(1).toNanos());
        inner.callSoon(() -> calls.add("task"));
        assertThat(embedded.timeoutNanos()).isZero();
        embedded.run();
        timer.close();
        assertThat(embedded.timeoutNanos()).isEqualTo(-1);
        assertThat(embedded.run()).isZero();
    }

    @Test
    void impossibleNestingIsRejected() throws IOException {
        EmbeddedLoop embedded = EmbeddedLoop.of(inner);
        assertThatThrownBy(() -> embedded.runIn(inner))
                .isInstanceOf(IllegalArgumentException.class);
        for (PollerProvider backend : Backends.usable()) {
            try (Uloop other = Uloop.builder().poller(backend).build()) {
                if (backend.name().equals("select")) {
                    assertThatThrownBy(() -> embedded.runIn(other))
                            .isInstanceOf(UnsupportedOperationException.class);
                }
                if (backend.name().equals("select") || backend.name().equals("poll")) {
                    assertThatThrownBy(() -> EmbeddedLoop.of(other))
                            .isInstanceOf(UnsupportedOperationException.class)
                            .hasMessageContaining("epoll or kqueue");
                }
            }
        }
    }

    @Test
    void turnOfANestedLoopAllocatesNothing() throws IOException {
        runInner();
        Descriptors.Pipe ends = highPipe();
        write(ends.writeEnd(), "x");
        inner.add(ends.readEnd(), UEvent.IN, (fd, events) -> {});
        Timer timer = inner.callEvery(Duration.ofSeconds(10), () -> {});
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 30 && least > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 2_000; i++) {
                loop.runOnce(0);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        timer.close();
        assertThat(least).as("bytes in 2000 turns").isLessThan(2_000);
    }
}
