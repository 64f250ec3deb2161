package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.UEvent;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests that busy descriptors and self-renewing tasks and timers do not starve others. */
class FairnessTest extends EachBackend {
    private static final int TURNS = 50;

    private int turnsWhileOverdue;
    private int tasks;
    private int ticks;
    private int events;

    /** Counts the turns that ended after the timer was due and before it was called. */
    private void countTurnsWhileOverdue(Timer timer) {
        if (timer.isActive() && System.nanoTime() - timer.deadline() >= 0) {
            turnsWhileOverdue++;
        }
    }

    @Test
    void busyDescriptorDelaysTimerByAtMostOneBatch() throws IOException {
        loop.add(readablePipe(), UEvent.IN, (fd, bits) -> events++);
        Timer timer = loop.callLater(Duration.ofMillis(10), loop::stop);
        loop.afterPoll(() -> countTurnsWhileOverdue(timer));
        runToStop();
        assertThat(events).isPositive();
        assertThat(turnsWhileOverdue).isLessThanOrEqualTo(1);
    }

    @Test
    void busyDescriptorsDelayTaskByAtMostOneBatch() throws IOException {
        for (int i = 0; i < 40; i++) {
            loop.add(readablePipe(), UEvent.IN, (fd, bits) -> events++);
        }
        int[] turns = new int[2];
        loop.afterPoll(() -> turns[0]++);
        loop.afterPoll(
                () -> {
                    if (turns[0] == TURNS) {
                        loop.callSoon(
                                () -> {
                                    turns[1] = turns[0];
                                    loop.stop();
                                });
                    }
                });
        runToStop();
        assertThat(turns[1]).isEqualTo(TURNS);
        assertThat(events).isEqualTo((TURNS + 1) * 40);
    }

    @Test
    void selfQueueingTaskDoesNotStarveDescriptorsAndTimers() throws IOException {
        LoopTask chain =
                new LoopTask() {
                    @Override
                    public void run() {
                        tasks++;
                        loop.callSoon(this);
                    }
                };
        loop.callSoon(chain);
        loop.add(readablePipe(), UEvent.IN, (fd, bits) -> events++);
        Timer timer = loop.callLater(Duration.ofMillis(10), loop::stop);
        loop.afterPoll(() -> countTurnsWhileOverdue(timer));
        runToStop();
        assertThat(turnsWhileOverdue).isLessThanOrEqualTo(1);
        assertThat(events).isEqualTo(tasks); // one task and one batch per turn
    }

    @Test
    void selfRestartingTimerDoesNotStarveDescriptorsAndTasks() throws IOException {
        LoopTask chain =
                new LoopTask() {
                    @Override
                    public void run() {
                        ticks++;
                        if (ticks < TURNS) {
                            loop.callLater(Duration.ZERO, this);
                            loop.callSoon(() -> tasks++);
                        } else {
                            loop.stop();
                        }
                    }
                };
        loop.callLater(Duration.ZERO, chain);
        loop.add(readablePipe(), UEvent.IN, (fd, bits) -> events++);
        runToStop();
        assertThat(ticks).isEqualTo(TURNS);
        assertThat(tasks).isEqualTo(TURNS - 1);
        assertThat(events).isEqualTo(TURNS);
    }

    @Test
    void throwingHandlerDoesNotDisturbOthers() throws IOException {
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            List<Integer> calls = new ArrayList<>();
            int before = readablePipe();
            int failing = readablePipe();
            int after = readablePipe();
            loop.add(before, UEvent.IN, (fd, bits) -> calls.add(fd));
            loop.add(
                    failing,
                    UEvent.IN,
                    (fd, bits) -> {
                        throw new IOException("always");
                    });
            loop.add(after, UEvent.IN, (fd, bits) -> calls.add(fd));
            for (int turn = 0; turn < TURNS; turn++) {
                assertThat(loop.runOnce(-1)).isEqualTo(3);
            }
            assertThat(calls.stream().filter(fd -> fd == before)).hasSize(TURNS);
            assertThat(calls.stream().filter(fd -> fd == after)).hasSize(TURNS);
            assertThat(failures).hasSize(TURNS);
            assertThat(log.messages()) // limited, so not one for each failure
                    .isNotEmpty()
                    .allMatch(message -> message.contains("fd=" + failing + " with IN"));
            failures.clear();
        }
    }

    @Test
    void idleLoopWaitsForItsTimerAndIsNeverEarly() throws IOException {
        long start = System.nanoTime();
        int[] turns = new int[1];
        loop.afterPoll(() -> turns[0]++);
        loop.callLater(Duration.ofNanos(3_100_000), loop::stop);
        runToStop();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(3_100_000);
        // The wait and the turn that calls the timer. Only the latter if the timer was already due.
        assertThat(turns[0]).isLessThanOrEqualTo(2);
    }

    @Test
    void periodicTimerIsCalledOncePerPeriod() throws IOException {
        long start = System.nanoTime();
        LoopTask tick = () -> ticks++;
        loop.addPeriodic(Duration.ofMillis(2), tick);
        runUntil(() -> ticks >= 10);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000);
        assertThat(loop.removePeriodic(tick)).isTrue();
        int counted = ticks;
        loop.runOnce(5_000_000);
        assertThat(ticks).isEqualTo(counted);
    }

    @Test
    void timerRestartedInThePastDoesNotStarveOtherTimers() throws IOException {
        Duration past = Duration.ofMillis(-1);
        LoopTask chain =
                new LoopTask() {
                    @Override
                    public void run() {
                        ticks++;
                        loop.callLater(past, this);
                    }
                };
        loop.callLater(past, chain);
        loop.callLater(Duration.ZERO, () -> tasks++);
        for (int turn = 1; turn <= TURNS; turn++) {
            loop.runOnce(0);
            assertThat(ticks).isEqualTo(turn);
            assertThat(tasks).isEqualTo(1);
        }
    }

    @Test
    void wallTimerRestartedInThePastDoesNotStarveOtherTimers() throws IOException {
        Instant past = Instant.now().minusSeconds(60);
        LoopTask chain =
                new LoopTask() {
                    @Override
                    public void run() {
                        ticks++;
                        loop.callAt(past, () -> ticks++).repeatEvery(Duration.ofDays(1));
                        loop.callAt(past, this);
                    }
                };
        loop.callAt(past, chain);
        loop.callAt(past.plusSeconds(1), () -> tasks++);
        for (int turn = 1; turn <= TURNS; turn++) {
            loop.runOnce(0);
            assertThat(ticks).isEqualTo(2 * turn - 1);
            assertThat(tasks).isEqualTo(1);
        }
    }
}
