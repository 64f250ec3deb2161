package io.uloop;

import static java.util.Comparator.comparingInt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.uloop.connection.Connection;
import io.uloop.connection.ConnectionHandler;
import io.uloop.connection.ConnectionOptions;
import io.uloop.internal.LoopAccess;
import io.uloop.net.TcpChannel;
import io.uloop.net.TcpListener;
import io.uloop.net.UdpChannel;
import io.uloop.observe.LoopObserver;
import io.uloop.observe.WatchedDescriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Tests the metrics of a loop, on its own thread and on others. */
class MetricsTest extends EachBackend {
    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

    @Test
    void freshLoopHasDoneNothing() {
        assertThat(loop.metrics())
                .isEqualTo(
                        new LoopMetrics(
                                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, TurnTimes.NONE));
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
        LoopMetrics earlier =
                new LoopMetrics(
                        1,
                        2,
                        30,
                        40,
                        5,
                        6,
                        7,
                        8,
                        9,
                        10,
                        11,
                        12,
                        13,
                        14,
                        15,
                        TurnTimes.of(new long[] {16, 17}));
        LoopMetrics later =
                new LoopMetrics(
                        11,
                        32,
                        60,
                        130,
                        25,
                        16,
                        9,
                        9,
                        4,
                        3,
                        2,
                        5,
                        20,
                        6,
                        21,
                        TurnTimes.of(new long[] {18, 20}));
        LoopMetrics between = later.since(earlier);
        assertThat(between)
                .isEqualTo(
                        new LoopMetrics(
                                10,
                                30,
                                30,
                                90,
                                20,
                                10,
                                2,
                                1,
                                4,
                                3,
                                2,
                                5,
                                7,
                                6,
                                6,
                                TurnTimes.of(new long[] {2, 3})));
        assertThat(between.load()).isEqualTo(0.25);
        assertThat(between.eventsPerPoll()).isEqualTo(3);
    }

    @Test
    void turnTimesCountWhatTurnsDoOutsideTheirWaits() throws IOException {
        AtomicLong time = new AtomicLong(1);
        Uloop timed =
                closing(Uloop.builder().poller(provider).clock(time::get).turnTimes(true).build());
        for (int i = 0; i < 99; i++) {
            timed.execute(() -> time.addAndGet(1000));
            timed.runOnce(0);
        }
        timed.add(readablePipe(), UEvent.IN, (fd, events) -> time.addAndGet(MILLISECOND));
        timed.execute(() -> time.addAndGet(MILLISECOND));
        timed.runOnce(0);
        TurnTimes times = timed.metrics().turnTimes();
        assertThat(times.count()).isEqualTo(100);
        assertThat(times.percentileNanos(50)).isBetween(1000L, 1125L);
        assertThat(times.percentileNanos(99)).isBetween(1000L, 1125L);
        assertThat(times.percentileNanos(100)).isBetween(2 * MILLISECOND, 2250 * 1000L);
        assertThat(times.toString()).startsWith("TurnTimes[p50=10").contains(", max=2");
        LoopMetrics before = timed.metrics();
        timed.runOnce(0);
        LoopMetrics last = timed.metrics().since(before);
        assertThat(last.turnTimes().count()).isEqualTo(1);
        assertThat(last.turnTimes().percentileNanos(1)).isBetween(MILLISECOND, 1125 * 1000L);
    }

    @Test
    void turnTimesAreNotMeasuredByDefault() throws IOException {
        loop.execute(() -> {});
        loop.runOnce(0);
        TurnTimes times = loop.metrics().turnTimes();
        assertThat(times.count()).isZero();
        assertThat(times.percentileNanos(99)).isZero();
        assertThat(times).hasToString("TurnTimes[]");
        assertThatIllegalArgumentException().isThrownBy(() -> times.percentileNanos(0));
        assertThatIllegalArgumentException().isThrownBy(() -> times.percentileNanos(100.1));
    }

    @Test
    void watchersMeasureTurnsThatHaveStarted() throws IOException {
        LoopObserver observer = LoopAccess.of(loop).observer();
        loop.execute(observer::watchTurns);
        loop.runOnce(0);
        observer.watchTurns();
        observer.unwatchTurns();
        loop.runOnce(0);
        observer.unwatchTurns();
        loop.runOnce(0);
        assertThat(loop.metrics().turnTimes().count()).isEqualTo(2);
    }

    @Test
    void connectionsAreCountedUntilTheyAreClosedOrDetached() throws IOException {
        TcpChannel[] ends = connection();
        assertThat(loop.metrics().connections()).isEqualTo(2);
        ends[0].close();
        ends[0].close();
        assertThat(loop.metrics().connections()).isEqualTo(1);
        io.close(ends[1].detach());
        assertThat(loop.metrics().connections()).isZero();
        closing(UdpChannel.open(loop, loopbackFamily()));
        closing(TcpListener.open(loop, anyPort()));
        assertThat(loop.metrics().connections()).isZero();
    }

    @Test
    void registeredDescriptorsAreListedWithInterestAndHandler() throws IOException {
        LoopObserver observer = LoopAccess.of(loop).observer();
        EventHandler handler = new Nothing();
        int early = readablePipe();
        loop.add(early, UEvent.IN, handler);
        observer.watchRegistrations();
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        listener.register(channel -> {});
        int late = readablePipe();
        Registration registration = loop.add(late, UEvent.IN, handler);
        registration.modify(UEvent.IN | UEvent.ONESHOT);
        WatchedDescriptors watched = observer.descriptors(10, 10);
        assertThat(watched.listed())
                .hasSize(3)
                .isSortedAccordingTo(comparingInt(each -> each.fd()));
        assertThat(watched.listed())
                .anySatisfy(
                        each -> {
                            assertThat(each.fd()).isEqualTo(early);
                            assertThat(each.interest()).isEqualTo(UEvent.IN);
                            assertThat(each.handler()).isEqualTo(Nothing.class);
                            assertThat(each.ageNanos()).isEqualTo(-1);
                        })
                .anySatisfy(
                        each -> {
                            assertThat(each.fd()).isEqualTo(late);
                            assertThat(each.interest()).isEqualTo(UEvent.IN | UEvent.ONESHOT);
                            assertThat(each.ageNanos()).isNotNegative();
                        })
                .anySatisfy(each -> assertThat(each.fd()).isEqualTo(listener.fd()));
        assertThat(watched.byHandler()).containsEntry(Nothing.class, 2).hasSize(2);
        assertThat(observer.descriptors(1, 2).listed()).hasSize(1);
        assertThat(observer.descriptors(1, 2).byHandler().values().stream().mapToInt(n -> n).sum())
                .isEqualTo(2);
        registration.close();
        assertThat(observer.descriptors(10, 10).listed()).hasSize(2);
        int modes = provider.supportedEvents() & UEvent.EDGE; // the sign bit
        loop.modify(early, UEvent.IN | modes);
        assertThat(observer.descriptors(10, 10).listed())
                .anySatisfy(each -> assertThat(each.interest()).isEqualTo(UEvent.IN | modes));
        observer.unwatchRegistrations();
    }

    @Test
    void connectionsAreListedByTheHandlersOfTheProgram() throws IOException {
        TcpChannel[] ends = connection();
        ConnectionHandler handler = (connection, data) -> {};
        Connection served = Connection.open(ends[0], ConnectionOptions.DEFAULTS, handler);
        WatchedDescriptors watched = LoopAccess.of(loop).observer().descriptors(10, 10);
        assertThat(watched.listed()).hasSize(1);
        assertThat(watched.listed().get(0).handler()).isEqualTo(handler.getClass());
        assertThat(watched.listed().get(0).via()).isEqualTo(served.getClass());
        served.abort();
    }

    private static final class Nothing implements EventHandler {
        @Override
        public void processEvent(int fd, int events) {}
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
