package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.uloop.poller.Errno;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.ScriptedPoller;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the steps of a turn, their order and its wait, with a poller that records its calls. */
class TurnTest {
    private final ScriptedPoller poller = new ScriptedPoller();
    private final List<String> seen = new ArrayList<>();
    private Uloop loop;

    @BeforeEach
    void openLoop() throws IOException {
        loop = Uloop.builder().poller(poller.provider()).name("tested").build();
    }

    @AfterEach
    void closeLoop() {
        loop.close();
        assertThat(poller.isOpen()).isFalse();
    }

    private LoopTask note(String what) {
        return () -> seen.add(what);
    }

    private void see(int fd, int events) {
        seen.add(fd + ":" + UEvent.toString(events));
    }

    /** Busy-waits, because only the passage of time can satisfy this condition. */
    private static void passTime(long nanos) {
        long start = System.nanoTime();
        while (System.nanoTime() - start < nanos) {
            Thread.onSpinWait();
        }
    }

    @Test
    void turnRunsTimersThenTasksThenHooksThenEventsThenHooks() throws IOException {
        loop.afterPoll(note("after"));
        loop.beforePoll(note("before"));
        loop.add(7, UEvent.IN, this::see);
        loop.post(note("task"));
        loop.callLater(Duration.ZERO, note("timer"));
        poller.duringPoll = () -> seen.add("poll");
        poller.ready(7, UEvent.IN);
        assertThat(loop.runOnce(-1)).isEqualTo(1);
        assertThat(seen).containsExactly("timer", "task", "before", "poll", "7:IN", "after");
    }

    @Test
    void taskQueuedByATaskWaitsForTheNextTurn() throws IOException {
        loop.execute(
                () -> {
                    seen.add("first");
                    loop.callSoon(note("second"));
                });
        poller.duringPoll = () -> seen.add("poll");
        loop.runOnce(-1);
        assertThat(seen).containsExactly("first", "poll");
        loop.runOnce(-1);
        loop.runOnce(-1);
        assertThat(seen).containsExactly("first", "poll", "second", "poll", "poll");
        assertThat(poller.timeouts).containsExactly(0L, 0L, -1L);
    }

    @Test
    void taskQueuedByATimerOrAHandlerWaitsForTheNextTurn() throws IOException {
        loop.callLater(Duration.ZERO, () -> loop.callSoon(note("of timer")));
        loop.add(7, UEvent.IN, (fd, events) -> loop.post(note("of handler")));
        poller.ready(7, UEvent.IN);
        loop.runOnce(-1);
        assertThat(seen).isEmpty();
        loop.runOnce(-1);
        loop.runOnce(-1);
        assertThat(seen).containsExactly("of timer", "of handler");
        assertThat(poller.timeouts).containsExactly(0L, 0L, -1L);
    }

    @Test
    void timerAddedByATimerRunsInTheNextTurnAtTheEarliest() throws IOException {
        LoopTask again =
                new LoopTask() {
                    @Override
                    public void run() {
                        seen.add("timer");
                        loop.callLater(Duration.ZERO, this);
                    }
                };
        loop.callLater(Duration.ZERO, again);
        loop.runOnce(-1);
        assertThat(seen).hasSize(1);
        loop.runOnce(-1);
        assertThat(seen).hasSize(2);
        assertThat(poller.timeouts).containsExactly(0L, 0L);
    }

    @Test
    void waitLastsForTheTimeoutIfNothingHappens() throws IOException {
        loop.runOnce(-1);
        loop.runOnce(0);
        loop.runOnce(5_000);
        assertThat(poller.timeouts).containsExactly(-1L, 0L, 5_000L);
    }

    @Test
    void waitEndsWithTheNextTimer() throws IOException {
        loop.callLater(Duration.ofHours(2), note("late"));
        loop.callLater(Duration.ofHours(1), note("early"));
        loop.runOnce(-1);
        loop.runOnce(TimeUnit.HOURS.toNanos(3));
        loop.runOnce(TimeUnit.MINUTES.toNanos(1));
        loop.runOnce(0);
        long hour = TimeUnit.HOURS.toNanos(1);
        assertThat(poller.timeouts.get(0)).isBetween(hour / 2, hour);
        assertThat(poller.timeouts.get(1)).isBetween(hour / 2, hour);
        assertThat(poller.timeouts.subList(2, 4)).containsExactly(hour / 60, 0L);
        assertThat(seen).isEmpty();
    }

    @Test
    void delayOfManyCenturiesDoesNotOverflow() throws IOException {
        Timer never = loop.callLater(Duration.ofSeconds(Long.MAX_VALUE), note("never"));
        Timer soon = loop.callLater(Duration.ofSeconds(Long.MIN_VALUE), note("soon"));
        Timer rare = loop.addPeriodic(Duration.ofSeconds(Long.MAX_VALUE), note("rare"));
        loop.runOnce(-1);
        assertThat(seen).containsExactly("soon");
        assertThat(never.isActive()).isTrue();
        assertThat(rare.isActive()).isTrue();
        assertThat(soon.isActive()).isFalse();
        loop.runOnce(-1);
        assertThat(poller.timeouts.get(0)).isZero();
        assertThat(poller.timeouts.get(1)).isGreaterThan(TimeUnit.DAYS.toNanos(36_500));
    }

    private void close(String text, Timer timer) {
        seen.add(text + timer.isActive());
        timer.close();
    }

    @Test
    void cancelledTimerIsNotCalledEvenWhenDueInTheSameTurn() throws IOException {
        List<Timer> timers = new ArrayList<>();
        loop.callLater(Duration.ZERO, () -> close("cancelled ", timers.get(0)));
        timers.add(loop.callLater(Duration.ZERO, note("never")));
        passTime(1);
        loop.runOnce(0);
        assertThat(seen).containsExactly("cancelled true");
        assertThat(timers.get(0).isActive()).isFalse();
    }

    @Test
    void rescheduledTimerIsCalledAtItsNewTime() throws IOException {
        Timer timer = loop.callLater(Duration.ZERO, note("timer"));
        timer.reschedule(Duration.ofHours(1));
        loop.runOnce(0);
        assertThat(seen).isEmpty();
        timer.reschedule(Duration.ZERO);
        loop.runOnce(0);
        assertThat(seen).containsExactly("timer");
        timer.reschedule(Duration.ZERO);
        loop.runOnce(0);
        assertThat(seen).containsExactly("timer", "timer");
    }

    @Test
    void periodicTimerReplacesMissedCallsByOne() throws IOException {
        long periodNanos = TimeUnit.MILLISECONDS.toNanos(2);
        List<Long> ticks = new ArrayList<>();
        Timer timer = loop.addPeriodic(Duration.ofNanos(periodNanos), () -> ticks.add(loop.now()));
        long firstDeadline = timer.deadline();
        passTime(periodNanos * 5);
        loop.runOnce(0);
        assertThat(ticks).hasSize(1);
        assertThat((timer.deadline() - firstDeadline) % periodNanos).isZero();
        assertThat(timer.deadline() - ticks.get(0)).isBetween(1L, periodNanos);
    }

    @Test
    void periodicTimerMayCancelItself() throws IOException {
        List<Timer> timer = new ArrayList<>();
        timer.add(loop.addPeriodic(Duration.ofNanos(1), () -> close("last ", timer.get(0))));
        passTime(1_000);
        loop.runOnce(0);
        passTime(1_000);
        loop.runOnce(0);
        assertThat(seen).containsExactly("last true");
        assertThat(timer.get(0).isActive()).isFalse();
    }

    @Test
    void periodicTimerIsRemovedByItsTask() throws IOException {
        LoopTask task = note("tick");
        loop.callLater(Duration.ofHours(1), task);
        assertThat(loop.removePeriodic(task)).isFalse();
        Timer timer = loop.addPeriodic(Duration.ofHours(1), task);
        assertThat(loop.removePeriodic(task)).isTrue();
        assertThat(timer.isActive()).isFalse();
        assertThat(loop.removePeriodic(task)).isFalse();
    }

    @Test
    void zeroPeriodIsRejected() {
        assertThatThrownBy(() -> loop.addPeriodic(Duration.ZERO, () -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than zero");
        assertThatThrownBy(() -> loop.addPeriodic(Duration.ofNanos(-1), () -> {}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void clockStandsStillUntilTheWaitIsOver() throws IOException {
        List<Long> times = new ArrayList<>();
        LoopTask read =
                () -> {
                    times.add(loop.now());
                    passTime(1_000);
                };
        loop.post(read);
        loop.post(read);
        loop.beforePoll(read);
        poller.duringPoll = () -> passTime(1_000);
        loop.add(3, UEvent.IN, (fd, events) -> read.run());
        loop.add(4, UEvent.IN, (fd, events) -> read.run());
        loop.afterPoll(read);
        poller.ready(3, UEvent.IN);
        poller.ready(4, UEvent.IN);
        loop.runOnce(0);
        assertThat(times).hasSize(6);
        assertThat(times.subList(0, 3)).containsOnly(times.get(0));
        assertThat(times.subList(3, 6)).containsOnly(times.get(3));
        assertThat(times.get(3) - times.get(0)).isGreaterThanOrEqualTo(1_000);
    }

    @Test
    void hooksRunInOrderEveryTurnUntilRemoved() throws IOException {
        Handle one = loop.beforePoll(note("one"));
        loop.beforePoll(note("two"));
        Handle three = loop.afterPoll(note("three"));
        loop.runOnce(0);
        one.close();
        one.close();
        loop.runOnce(0);
        three.close();
        loop.runOnce(0);
        assertThat(seen).containsExactly("one", "two", "three", "two", "three", "two");
    }

    @Test
    void hookAddedByAHookWaitsForTheNextTurn() throws IOException {
        LoopTask late = note("late");
        LoopTask early =
                () -> {
                    seen.add("early");
                    loop.beforePoll(late);
                };
        loop.beforePoll(early);
        loop.runOnce(0);
        assertThat(seen).containsExactly("early");
        loop.runOnce(0);
        assertThat(seen).containsExactly("early", "early", "late");
    }

    @Test
    void hookAddedTwiceAndRemovedOnceRunsOnce() throws IOException {
        LoopTask twice = note("twice");
        List<Handle> removed = new ArrayList<>();
        loop.beforePoll(() -> removed.forEach(Handle::close));
        removed.add(loop.beforePoll(twice));
        loop.beforePoll(twice);
        loop.afterPoll(note("after"));
        removed.add(loop.afterPoll(twice));
        loop.runOnce(0);
        assertThat(seen).containsExactly("twice", "after");
    }

    @Test
    void hookRemovedAndAddedAgainByAnEarlierHookWaitsForTheNextTurn() throws IOException {
        LoopTask again = note("again");
        Handle[] handle = new Handle[1];
        loop.afterPoll(
                () -> {
                    handle[0].close();
                    handle[0] = loop.afterPoll(again);
                });
        handle[0] = loop.afterPoll(again);
        loop.runOnce(0);
        assertThat(seen).isEmpty();
    }

    @Test
    void executeNeedsNoWakeupOnTheLoopsOwnThread() throws IOException {
        loop.execute(() -> loop.execute(() -> loop.callSoon(loop::stop)));
        assertThat(poller.wakeups).isEqualTo(1);
        loop.run();
        assertThat(poller.wakeups).isEqualTo(1);
        assertThat(poller.timeouts).containsExactly(0L, 0L, 0L);
    }

    @Test
    void failedAddLeavesTheHandlerInPlace() throws IOException {
        loop.add(5, UEvent.IN, this::see);
        assertThatThrownBy(() -> loop.add(5, UEvent.IN, (fd, events) -> seen.add("wrong")))
                .hasMessageContaining("EEXIST");
        poller.ready(5, UEvent.IN);
        loop.runOnce(0);
        assertThat(seen).containsExactly("5:IN");
    }

    @Test
    void addThatThePollerAcceptsReplacesAStaleHandler() throws IOException {
        loop.add(5, UEvent.IN, (fd, events) -> seen.add("wrong"));
        poller.registered.remove(5); // as by a poller that finds it closed
        loop.add(5, UEvent.IN, this::see);
        poller.ready(5, UEvent.IN);
        loop.runOnce(0);
        assertThat(seen).containsExactly("5:IN");
        assertThat(loop.toString()).contains("descriptors=1");
    }

    @Test
    void nvalIsDeliveredAndEndsTheRegistration() throws IOException {
        loop.add(5, UEvent.IN, this::see);
        poller.ready(5, UEvent.NVAL);
        loop.runOnce(0);
        assertThat(seen).containsExactly("5:NVAL");
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void numberAddedAgainDuringNvalStaysRegistered() throws IOException {
        loop.add(5, UEvent.IN, (fd, events) -> loop.add(fd, UEvent.IN, this::see));
        poller.ready(5, UEvent.NVAL);
        loop.runOnce(0);
        poller.ready(5, UEvent.IN);
        loop.runOnce(0);
        assertThat(seen).containsExactly("5:IN");
    }

    @Test
    void modifyOfClosedDescriptorRemovesItsHandler() throws IOException {
        loop.add(5, UEvent.IN, this::see);
        poller.nextModifyFails = ScriptedPoller.error(5, Errno.EBADF);
        assertThatThrownBy(() -> loop.modify(5, UEvent.OUT)).hasMessageContaining("EBADF");
        assertThat(loop.toString()).contains("descriptors=0");
    }

    @Test
    void modifyWithOtherFailureKeepsTheHandler() throws IOException {
        loop.add(5, UEvent.IN, this::see);
        poller.nextModifyFails = ScriptedPoller.error(5, Errno.ENOSPC);
        assertThatThrownBy(() -> loop.modify(5, UEvent.OUT)).hasMessageContaining("ENOSPC");
        assertThat(loop.toString()).contains("descriptors=1");
    }

    @Test
    void hugeDescriptorNumberIsRejectedWithoutAllocation() {
        poller.registered.add(Integer.MAX_VALUE);
        assertThatThrownBy(() -> loop.add(Integer.MAX_VALUE, UEvent.IN, this::see))
                .hasMessageContaining("EEXIST");
    }

    @Test
    void stopBeforeRunEndsOnlyTheNextRun() throws IOException {
        loop.execute(loop::stop);
        loop.stop();
        loop.stop();
        loop.run();
        assertThat(poller.timeouts).isEmpty();
        loop.run();
        assertThat(poller.timeouts).hasSize(1);
    }

    @Test
    void stopBeforeRunOnceSkipsOneWait() throws IOException {
        loop.stop();
        loop.runOnce(-1);
        loop.runOnce(-1);
        assertThat(poller.timeouts).containsExactly(0L, -1L);
    }

    @Test
    void stopInATurnLetsItEndWithoutWaiting() throws IOException {
        loop.execute(loop::stop);
        loop.add(3, UEvent.IN, this::see);
        poller.ready(3, UEvent.IN);
        loop.afterPoll(note("after"));
        loop.run();
        assertThat(poller.timeouts).containsExactly(0L);
        assertThat(seen).containsExactly("3:IN", "after");
    }

    @Test
    void closeInATurnEndsTheRun() throws IOException {
        loop.execute(loop::close);
        loop.run();
        assertThat(poller.timeouts).isEmpty();
        assertThat(loop.isOpen()).isFalse();
    }

    @Test
    void turnAllocatesNothing() throws IOException {
        assertTurnsAllocateNothing();
    }

    @Test
    void turnWithSlowHandlerThresholdAllocatesNothing() throws IOException {
        loop =
                Uloop.builder()
                        .poller(poller.provider())
                        .slowHandlerThreshold(Duration.ofSeconds(10))
                        .build();
        assertTurnsAllocateNothing();
    }

    private void assertTurnsAllocateNothing() throws IOException {
        int[] calls = new int[3];
        loop.add(7, UEvent.IN, (fd, events) -> calls[0]++);
        loop.addPeriodic(Duration.ofNanos(1), () -> calls[1]++);
        loop.afterPoll(() -> calls[2]++);
        poller.busy = 7;
        ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        int turns = 20_000;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < turns; i++) {
            loop.runOnce(-1);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(calls).containsOnly(turns);
        assertThat(allocated).as("bytes in all turns").isLessThan(turns);
    }

    @Test
    void toStringContainsBackendStateAndRegistrations() throws IOException {
        assertThat(loop)
                .hasToString("Uloop[tested, scripted, idle, descriptors=0, timers=0, tasks=0]");
        loop.add(3, UEvent.IN, (fd, events) -> seen.add(loop.toString()));
        loop.callLater(Duration.ofHours(1), () -> {});
        poller.ready(3, UEvent.IN);
        loop.runOnce(0);
        assertThat(seen)
                .containsExactly(
                        "Uloop[tested, scripted, running in "
                                + Thread.currentThread().getName()
                                + ", descriptors=1, timers=1, tasks=0]");
        loop.remove(3);
        loop.close();
        assertThat(loop)
                .hasToString("Uloop[tested, scripted, closed, descriptors=0, timers=1, tasks=0]");
    }

    @Test
    void turnAfterTasksPollsWithoutWaiting() throws IOException {
        loop.callSoon(() -> {});
        int[] turns = new int[1];
        loop.afterPoll(
                () -> {
                    if (++turns[0] == 3) {
                        loop.stop();
                    }
                });
        loop.run();
        assertThat(poller.timeouts).containsExactly(-1L, 0L, -1L);
    }

    @Test
    void hookRemovedByAHookIsNotCalled() throws IOException {
        Handle[] removed = new Handle[1];
        loop.beforePoll(
                () -> {
                    seen.add("first");
                    removed[0].close();
                });
        removed[0] = loop.beforePoll(note("removed"));
        loop.beforePoll(note("last"));
        loop.runOnce(0);
        assertThat(seen).containsExactly("first", "last");
    }
}
