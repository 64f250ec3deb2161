package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.UEvent;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Tests timers with a real loop and clock. */
class TimerTest extends EachBackend {
    private final List<String> calls = new ArrayList<>();

    @Test
    void delayOfNanosecondsIsNeverEarly() throws IOException {
        for (long nanos : new long[] {1_000, 50_000, 3_100_000}) {
            long deadline = System.nanoTime() + nanos;
            long[] called = new long[1];
            loop.callLater(
                    Duration.ofNanos(nanos),
                    () -> {
                        called[0] = System.nanoTime();
                        loop.stop();
                    });
            runToStop();
            assertThat(called[0] - deadline).isNotNegative();
        }
    }

    @Test
    void pastDeadlineRunsInTheNextTurnAfterEarlierOnes() throws IOException {
        Instant now = Instant.now();
        loop.callAt(now.minusNanos(1), () -> calls.add("second"));
        loop.callAt(now.minusNanos(2), () -> calls.add("first"));
        loop.callAt(now.minusNanos(1), () -> calls.add("third"));
        loop.runOnce(0);
        assertThat(calls).containsExactly("first", "second", "third");
    }

    @Test
    void wallTimerFollowsAClockSetForwardDuringAWait() throws Exception {
        AtomicReference<Instant> time = new AtomicReference<>(Instant.EPOCH.plusSeconds(1000));
        try (Uloop clocked = Uloop.builder().poller(provider).wallClock(time::get).build();
                LoopThread thread = new LoopThread(clocked)) {
            Instant due = time.get().plusSeconds(3600);
            clocked.execute(() -> clocked.callAt(due, clocked::stop));
            clocked.submit(() -> "scheduled").get();
            time.set(due);
            thread.join();
        }
    }

    @Test
    void wallTimerIsNeverEarly() throws IOException {
        Instant due = Instant.now().plusMillis(20);
        Instant[] called = new Instant[1];
        loop.callAt(
                due,
                () -> {
                    called[0] = Instant.now();
                    loop.stop();
                });
        runToStop();
        assertThat(called[0]).isAfterOrEqualTo(due);
    }

    @Test
    void repeatingWallTimerContinues() throws IOException {
        int[] count = new int[1];
        loop.callAt(
                        Instant.now(),
                        () -> {
                            if (++count[0] == 3) {
                                loop.stop();
                            }
                        })
                .repeatEvery(Duration.ofMillis(5));
        runToStop();
        assertThat(count[0]).isEqualTo(3);
    }

    @Test
    void millionPendingTimersAreCalledInOrderOrCancelled() throws IOException {
        int count = 1_000_000;
        SplittableRandom random = new SplittableRandom(42);
        List<Timer> timers = new ArrayList<>(count);
        long start = System.nanoTime();
        long[] last = {start};
        int[] called = new int[1];
        Timer[] current = new Timer[1];
        for (int i = 0; i < count; i++) {
            Timer[] self = new Timer[1];
            self[0] =
                    loop.callLater(
                            Duration.ofNanos(random.nextInt(1_000_000)),
                            () -> {
                                called[0]++;
                                current[0] = self[0];
                                if (self[0].deadline() - last[0] < 0) {
                                    calls.add("out of order");
                                }
                                last[0] = self[0].deadline();
                            });
            timers.add(self[0]);
        }
        assertThat(loop.toString()).contains("timers=1000000");
        for (int i = 0; i < count; i += 2) {
            assertThat(timers.get(i).isActive()).isTrue();
            timers.get(i).close();
        }
        loop.runUntilIdle();
        assertThat(called[0]).isEqualTo(count / 2);
        assertThat(calls).isEmpty();
        assertThat(current[0].isActive()).isFalse();
    }

    @Test
    void manyTimersDelayADescriptorByAtMostTheBound() throws IOException {
        int[] timersBefore = {-1};
        int[] called = new int[1];
        try (Uloop bounded = Uloop.builder().poller(provider).turnBound(10).build()) {
            for (int i = 0; i < 1000; i++) {
                bounded.callLater(Duration.ZERO, () -> called[0]++);
            }
            bounded.add(
                    readablePipe(),
                    UEvent.IN,
                    (fd, events) -> {
                        timersBefore[0] = called[0];
                        bounded.remove(fd);
                    });
            bounded.runUntilIdle();
        }
        assertThat(timersBefore[0]).isEqualTo(10);
        assertThat(called[0]).isEqualTo(1000);
    }

    @Test
    void clockStandsStillInATurn() throws IOException {
        loop.callSoon(
                () -> {
                    long before = loop.now();
                    while (System.nanoTime() - before < 1_000_000) {
                        Thread.onSpinWait();
                    }
                    calls.add(loop.now() == before ? "still" : "moved");
                    loop.callSoon(
                            () -> calls.add(loop.now() - before >= 1_000_000 ? "moved" : "still"));
                });
        loop.runOnce(0);
        loop.runOnce(0);
        assertThat(calls).containsExactly("still", "moved");
    }

    @Test
    void fixedDelayIsNeverShorterAndEndsWhenRemovedByItsTask() throws IOException {
        long[] ended = {Long.MIN_VALUE};
        LoopTask task =
                () -> {
                    long now = System.nanoTime();
                    if (ended[0] != Long.MIN_VALUE && now - ended[0] < 1_000_000) {
                        calls.add("early");
                    }
                    calls.add("call");
                    ended[0] = System.nanoTime();
                };
        loop.callLater(Duration.ZERO, task).repeatAfter(Duration.ofMillis(1));
        runUntil(() -> calls.size() >= 5);
        assertThat(loop.removePeriodic(task)).isTrue();
        assertThat(loop.removePeriodic(task)).isFalse();
        assertThat(calls).containsOnly("call");
        loop.runUntilIdle();
    }

    @Test
    void zeroPeriodIsRejected() {
        for (Duration bad : List.of(Duration.ZERO, Duration.ofNanos(-1))) {
            assertThatThrownBy(() -> loop.callEvery(bad, () -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("more than zero");
            assertThat(loop.toString()).contains("timers=0");
            Timer timer = loop.callLater(Duration.ofDays(1), () -> {});
            assertThatThrownBy(() -> timer.repeatEvery(bad))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> timer.repeatAfter(bad))
                    .isInstanceOf(IllegalArgumentException.class);
            timer.close();
        }
    }

    @Test
    void extremeTimeDoesNotDisturbOtherTimers() throws IOException {
        loop.callLater(Duration.ofNanos(Long.MAX_VALUE), () -> calls.add("never"));
        loop.callAt(Instant.MAX, () -> calls.add("never on the wall"));
        loop.callAt(Instant.MIN, () -> calls.add("over on the wall"));
        loop.callLater(Duration.ofNanos(Long.MIN_VALUE), () -> calls.add("over"));
        loop.runOnce(0);
        assertThat(calls).containsExactly("over", "over on the wall");
    }

    @Test
    void oneShotTimerTurnedIntoARepeatingOneByItsTaskRepeatsOnceRescheduled() throws IOException {
        Timer[] timer = new Timer[1];
        timer[0] =
                loop.callLater(
                        Duration.ZERO,
                        () -> {
                            calls.add("call");
                            timer[0].repeatEvery(Duration.ofNanos(1));
                            if (calls.size() == 1) {
                                timer[0].reschedule(Duration.ZERO);
                            }
                        });
        runUntil(() -> calls.size() >= 3);
        assertThat(timer[0].isActive()).isTrue();
        timer[0].close();
        timer[0].close();
        loop.runUntilIdle();
    }

    /** A poll that finds events at once does not read the clock, unless a callback preceded it. */
    @Test
    void handlerSeesTheTimeAfterTheCallbacksOfItsTurn() throws IOException {
        AtomicLong called = new AtomicLong();
        AtomicLong seen = new AtomicLong();
        loop.add(readablePipe(), UEvent.IN, (fd, events) -> seen.set(loop.now()));
        loop.execute(() -> called.set(System.nanoTime()));
        loop.runOnce(0);
        assertThat(seen.get() - called.get()).isGreaterThanOrEqualTo(0);
        loop.beforePoll(() -> called.set(System.nanoTime()));
        loop.runOnce(-1);
        assertThat(seen.get() - called.get()).isGreaterThanOrEqualTo(0);
    }
}
