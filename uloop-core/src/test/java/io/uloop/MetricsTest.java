package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.UEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Tests the metrics of a loop, on its own thread and on others. */
class MetricsTest extends EachBackend {
    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

    @Test
    void freshLoopHasDoneNothing() {
        assertThat(loop.metrics())
                .isEqualTo(new LoopMetrics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        assertThat(loop.metrics().eventsPerPoll()).isZero();
        assertThat(loop.metrics().load()).isZero();
    }

    @Test
    void turnsEventsAndCallsAreCounted() throws IOException {
        loop.add(readablePipe(), UEvent.IN, (fd, events) -> {});
        loop.add(readablePipe(), UEvent.IN, (fd, events) -> {});
        loop.callLater(Duration.ZERO, () -> {});
        loop.callLater(Duration.ofHours(1), () -> {});
        loop.execute(() -> {});
        loop.execute(() -> loop.execute(() -> {}));
        loop.runOnce(0);
        LoopMetrics first = loop.metrics();
        assertThat(first.turns()).isEqualTo(1);
        assertThat(first.events()).isEqualTo(2);
        assertThat(first.timerCalls()).isEqualTo(1);
        assertThat(first.taskCalls()).isEqualTo(2);
        assertThat(first.descriptors()).isEqualTo(2);
        assertThat(first.timers()).isEqualTo(1);
        assertThat(first.tasks()).isEqualTo(1);
        loop.runOnce(0);
        assertThat(loop.metrics().taskCalls()).isEqualTo(3);
        assertThat(loop.metrics().eventsPerPoll()).isEqualTo(2);
    }

    @Test
    void exceptionsAreCounted() throws IOException {
        assertThat(loop.metrics().errors()).isZero();
        loop.execute(
                () -> {
                    throw new IllegalStateException("expected");
                });
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            loop.runOnce(0);
            assertThat(log.messages()).hasSize(1);
        }
        assertThat(loop.metrics().errors()).isEqualTo(1);
        failures.clear();
    }

    @Test
    void waitEndedByAnotherThreadCountsAsWakeup() throws IOException {
        LoopThread thread = closing(new LoopThread(loop));
        for (int i = 0; i < 100; i++) {
            long before = loop.metrics().wakeups();
            Awaitility.await()
                    .atMost(DEADLINE)
                    .pollInterval(Duration.ofMillis(1))
                    .until(
                            () -> {
                                loop.execute(() -> {});
                                return loop.metrics().wakeups() > before;
                            });
        }
        thread.close();
        assertThat(loop.metrics().wakeups()).isBetween(100L, loop.metrics().taskCalls() + 1);
    }

    @Test
    void waitEndedByTimeoutOrEventIsNotAWakeup() throws IOException {
        loop.runOnce(2 * MILLISECOND);
        loop.runOnce(0);
        loop.callLater(Duration.ofMillis(2), () -> {});
        loop.runOnce(-1);
        loop.runOnce(0);
        assertThat(loop.metrics().timerCalls()).isEqualTo(1);
        loop.add(readablePipe(), UEvent.IN, (fd, events) -> {});
        loop.runOnce(-1);
        assertThat(loop.metrics().wakeups()).isZero();
    }

    @Test
    void timeIsEitherBusyOrIdle() throws IOException {
        long start = System.nanoTime();
        loop.callLater(Duration.ofMillis(20), loop::stop);
        loop.execute(() -> work(30 * MILLISECOND));
        loop.afterPoll(() -> work(MILLISECOND));
        loop.run();
        long elapsed = System.nanoTime() - start;
        LoopMetrics first = loop.metrics();
        assertThat(first.busyNanos()).isGreaterThanOrEqualTo(30 * MILLISECOND);
        assertThat(first.busyNanos() + first.idleNanos()).isLessThanOrEqualTo(elapsed);
        loop.runOnce(20 * MILLISECOND);
        LoopMetrics second = loop.metrics();
        assertThat(second.idleNanos() - first.idleNanos()).isGreaterThanOrEqualTo(20 * MILLISECOND);
        assertThat(second.busyNanos() - first.busyNanos()).isGreaterThanOrEqualTo(MILLISECOND);
        assertThat(second.load()).isBetween(0.0, 1.0);
    }

    @Test
    void waitInProgressCountsAsIdle() throws IOException {
        loop.execute(() -> work(20 * MILLISECOND));
        closing(new LoopThread(loop));
        LoopMetrics burst = loop.metrics();
        Awaitility.await()
                .atMost(DEADLINE)
                .until(() -> loop.metrics().idleNanos() - burst.idleNanos() >= 400 * MILLISECOND);
        LoopMetrics asleep = loop.metrics();
        assertThat(asleep.turns() - burst.turns()).isLessThan(10);
        assertThat(asleep.since(burst).load()).isLessThan(0.5);
        assertThat(asleep.load()).isLessThan(0.5);
    }

    @Test
    void callbackInProgressCountsAsBusy() throws IOException {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        closing(new LoopThread(loop));
        try {
            loop.execute(
                    () -> {
                        inside.countDown();
                        LoopThread.await(release);
                    });
            LoopThread.await(inside);
            LoopMetrics before = loop.metrics();
            Awaitility.await()
                    .atMost(DEADLINE)
                    .until(() -> loop.metrics().since(before).busyNanos() >= 50 * MILLISECOND);
            LoopMetrics during = loop.metrics().since(before);
            assertThat(during.idleNanos()).isZero();
            assertThat(during.load()).isEqualTo(1.0);
        } finally {
            release.countDown();
        }
    }

    @Test
    void differenceOfSnapshotsKeepsCurrentGauges() {
        LoopMetrics earlier = new LoopMetrics(1, 2, 30, 40, 5, 6, 7, 8, 9, 10, 11, 12, 13);
        LoopMetrics later = new LoopMetrics(11, 32, 60, 130, 25, 16, 9, 9, 4, 3, 2, 5, 20);
        LoopMetrics between = later.since(earlier);
        assertThat(between).isEqualTo(new LoopMetrics(10, 30, 30, 90, 20, 10, 2, 1, 4, 3, 2, 5, 7));
        assertThat(between.load()).isEqualTo(0.25);
        assertThat(between.eventsPerPoll()).isEqualTo(3);
    }

    @Test
    void timeBetweenRunsDoesNotCount() throws IOException {
        loop.runOnce(0);
        LoopMetrics before = loop.metrics();
        work(50 * MILLISECOND);
        long start = System.nanoTime();
        loop.runOnce(0);
        long elapsed = System.nanoTime() - start;
        LoopMetrics after = loop.metrics();
        assertThat(after.busyNanos() - before.busyNanos()).isLessThanOrEqualTo(elapsed);
        assertThat(after.idleNanos()).isZero();
    }

    @Test
    void withoutMeasurementOnlyTimeIsMissing() throws IOException {
        Uloop quiet = closing(Uloop.builder().poller(provider).metrics(false).build());
        quiet.add(readablePipe(), UEvent.IN, (fd, events) -> quiet.remove(fd));
        quiet.execute(() -> {});
        quiet.runOnce(-1);
        quiet.callLater(Duration.ofMillis(2), quiet::stop);
        quiet.run();
        LoopMetrics metrics = quiet.metrics();
        assertThat(metrics.events()).isEqualTo(1);
        assertThat(metrics.taskCalls()).isEqualTo(1);
        assertThat(metrics.timerCalls()).isEqualTo(1);
        assertThat(metrics.busyNanos()).isZero();
        assertThat(metrics.idleNanos()).isZero();
        assertThat(metrics.wakeups()).isZero();
    }

    @Test
    void countsNeverDecreaseForAnotherThread() throws IOException {
        loop.addPeriodic(Duration.ofNanos(1), () -> {});
        closing(new LoopThread(loop));
        LoopMetrics last = loop.metrics();
        while (last.turns() < 50_000) {
            LoopMetrics next = loop.metrics();
            assertThat(next.turns()).isGreaterThanOrEqualTo(last.turns());
            assertThat(next.timerCalls()).isGreaterThanOrEqualTo(last.timerCalls());
            assertThat(next.timerCalls()).isGreaterThanOrEqualTo(next.turns() - 2);
            assertThat(next.busyNanos()).isGreaterThanOrEqualTo(last.busyNanos());
            assertThat(next.idleNanos()).isGreaterThanOrEqualTo(last.idleNanos());
            last = next;
        }
    }

    private static void work(long nanos) {
        long start = System.nanoTime();
        while (System.nanoTime() - start < nanos) {
            Thread.onSpinWait();
        }
    }
}
