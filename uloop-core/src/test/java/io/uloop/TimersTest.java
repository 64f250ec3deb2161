package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.observe.LoopObserver;
import io.uloop.poller.tck.ScriptedPoller;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/** Tests timers with clocks that the test controls. */
class TimersTest {
    private static final int NO_BOUND = Integer.MAX_VALUE;

    private long nanos;
    private Instant time;
    private Uloop loop;
    private Timers timers;
    private final List<Object> calls = new ArrayList<>();

    @BeforeTry
    void open() throws IOException {
        nanos = Long.MAX_VALUE - 50; // the clock overflows during the test
        time = Instant.ofEpochSecond(1_000_000);
        loop = Uloop.builder().poller(new ScriptedPoller().provider()).build();
        LoopState state = new LoopState("tested");
        LoopObserver observer =
                new LoopObserver(null, loop.descriptors(), () -> nanos, false, 0, 0);
        timers =
                new Timers(
                        () -> nanos,
                        () -> time,
                        state,
                        new LoopOwner(state, () -> {}),
                        new Failures(this, state, (source, error) -> {}, observer));
        calls.clear();
    }

    @AfterTry
    void close() {
        loop.close();
    }

    private Timer once(long delay, LoopTask task) {
        Timer timer = new Timer(timers, false, task);
        timers.start(timer, nanos + delay);
        return timer;
    }

    private Timer repeated(Timer.Repetition repetition, long delay, long period, LoopTask task) {
        Timer timer = new Timer(timers, false, task);
        timer.repetition = repetition;
        timer.periodNanos = period;
        timers.start(timer, nanos + delay);
        return timer;
    }

    private Timer everyOnTheWall(Instant first, Duration period) {
        Timer timer = new Timer(timers, true, () -> calls.add(time)).repeatEvery(period);
        timers.start(timer, Timers.nanosSince1970(first));
        return timer;
    }

    record Plan(int delay, int cancelAt, int moveAt, int moveBy) {}

    @Provide
    Arbitrary<List<Plan>> plans() {
        Arbitrary<Integer> times = Arbitraries.integers().between(0, 40);
        return Combinators.combine(times, times, times, times).as(Plan::new).list().ofMaxSize(60);
    }

    /** A model timer: its deadline and its order among equal deadlines. */
    record Expected(int number, long deadline, int order) {}

    @Property
    void calledNeverEarlyInOrderOfDeadlineThenOfScheduling(
            @ForAll("plans") List<Plan> plans,
            @ForAll @Size(min = 5, max = 12) List<@IntRange(min = 1, max = 15) Integer> turns) {
        long start = nanos;
        List<Expected> model = new ArrayList<>();
        List<Timer> handles = new ArrayList<>();
        int order = 0;
        for (int number = 0; number < plans.size(); number++) {
            int name = number;
            handles.add(once(plans.get(number).delay(), () -> calls.add(name)));
            model.add(new Expected(number, plans.get(number).delay(), order++));
        }
        long elapsed = 0;
        for (int turn : turns) {
            long before = elapsed;
            elapsed += turn;
            nanos = start + elapsed;
            for (int number = 0; number < plans.size(); number++) {
                Plan plan = plans.get(number);
                int name = number;
                if (plan.moveAt() > before && plan.moveAt() <= elapsed) {
                    if (model.removeIf(expected -> expected.number() == name)) {
                        timers.start(handles.get(number), nanos + plan.moveBy());
                        model.add(new Expected(number, elapsed + plan.moveBy(), order++));
                    }
                }
                if (plan.cancelAt() > before && plan.cancelAt() <= elapsed) {
                    boolean pending = model.removeIf(expected -> expected.number() == name);
                    assertThat(timers.remove(handles.get(number))).isEqualTo(pending);
                }
            }
            long now = elapsed;
            List<Expected> due =
                    model.stream()
                            .filter(expected -> expected.deadline() <= now)
                            .sorted(
                                    Comparator.comparingLong(Expected::deadline)
                                            .thenComparingInt(Expected::order))
                            .toList();
            calls.clear();
            assertThat(timers.run(nanos, NO_BOUND)).isEqualTo(due.size());
            assertThat(calls).isEqualTo(due.stream().map(Expected::number).toList());
            model.removeAll(due);
            assertThat(timers.size()).isEqualTo(model.size());
        }
    }

    @Property
    void turnCallsNoMoreThanItsBoundAndTheNextTurnGoesOnInOrder(
            @ForAll @IntRange(min = 1, max = 20) int bound,
            @ForAll @IntRange(max = 60) int pending) {
        for (int i = 0; i < pending; i++) {
            int name = i;
            once(0, () -> calls.add(name));
        }
        for (int left = pending; left > 0; left -= bound) {
            assertThat(timers.run(nanos, bound)).isEqualTo(Math.min(left, bound));
        }
        assertThat(calls).hasSize(pending).isSorted();
    }

    @Property
    void rateDoesNotDriftAndReplacesMissedCallsByOne(
            @ForAll @IntRange(max = 30) int delay,
            @ForAll @IntRange(min = 1, max = 30) int period,
            @ForAll @Size(max = 20) List<@IntRange(max = 200) Integer> steps) {
        long first = nanos + delay;
        Timer timer = repeated(Timer.Repetition.RATE, delay, period, () -> calls.add(nanos));
        for (int step : steps) {
            nanos += step;
            boolean due = timer.deadline() - nanos <= 0;
            calls.clear();
            assertThat(timers.run(nanos, NO_BOUND)).isEqualTo(due ? 1 : 0);
            assertThat(timer.deadline() - nanos).isPositive();
            assertThat((timer.deadline() - first) % period).isZero();
            if (due) {
                assertThat(timer.deadline() - nanos).isLessThanOrEqualTo(period);
            }
        }
    }

    @Property
    void fixedDelayBeginsWhenTheCallHasReturned(
            @ForAll @IntRange(min = 1, max = 30) int pause,
            @ForAll @Size(min = 1, max = 20) List<@IntRange(max = 100) Integer> durations) {
        int[] call = new int[1];
        Timer timer =
                repeated(Timer.Repetition.DELAY, 0, pause, () -> nanos += durations.get(call[0]++));
        for (int i = 0; i < durations.size(); i++) {
            nanos = timer.deadline();
            assertThat(timers.run(nanos, NO_BOUND)).isEqualTo(1);
            assertThat(timer.deadline()).isEqualTo(nanos + pause);
        }
    }

    @Example
    void timerMayCancelItselfAndOthersAndMoveItselfWhileItIsCalled() {
        List<Timer> all = new ArrayList<>();
        all.add(repeated(Timer.Repetition.RATE, 1, 5, () -> calls.add(timers.remove(all.get(0)))));
        all.add(repeated(Timer.Repetition.DELAY, 1, 5, () -> calls.add(timers.remove(all.get(1)))));
        all.add(once(1, () -> calls.add(timers.remove(all.get(3)))));
        all.add(once(1, () -> calls.add("never")));
        all.add(
                repeated(
                        Timer.Repetition.DELAY, 1, 5, () -> timers.start(all.get(4), nanos + 100)));
        nanos += 1;
        assertThat(timers.run(nanos, NO_BOUND)).isEqualTo(4);
        assertThat(calls).containsExactly(true, true, true);
        assertThat(timers.size()).isEqualTo(1);
        assertThat(all.get(4).deadline()).isEqualTo(nanos + 100);
    }

    @Example
    void calledTimerIsInactiveAndMayRescheduleItself() {
        List<Timer> all = new ArrayList<>();
        all.add(
                once(
                        0,
                        () -> {
                            calls.add(all.get(0).isActive());
                            timers.start(all.get(0), nanos);
                        }));
        assertThat(timers.run(nanos, NO_BOUND)).isEqualTo(1);
        assertThat(timers.run(nanos, NO_BOUND)).isEqualTo(1);
        assertThat(calls).containsExactly(false, false);
    }

    @Property
    void wallTimerIsNeverEarlyHoweverTheClockIsSet(
            @ForAll @IntRange(max = 100) int delay,
            @ForAll @Size(max = 20) List<@IntRange(min = -80, max = 80) Integer> jumps) {
        Instant due = time.plusSeconds(delay);
        Timer timer = new Timer(timers, true, () -> calls.add(time));
        timers.start(timer, Timers.nanosSince1970(due));
        for (int jump : jumps) {
            time = time.plusSeconds(jump);
            boolean called = !calls.isEmpty();
            timers.run(nanos, NO_BOUND);
            if (!called) {
                assertThat(calls).hasSize(time.isBefore(due) ? 0 : 1);
            }
        }
        assertThat(calls).hasSizeLessThanOrEqualTo(1);
    }

    @Property
    void wallRateFollowsTheClockBothWays(
            @ForAll @IntRange(max = 100) int delay,
            @ForAll @IntRange(min = 1, max = 60) int period,
            @ForAll @Size(max = 30) List<@IntRange(min = -300, max = 300) Integer> jumps) {
        Instant first = time.plusSeconds(delay);
        Timer timer = everyOnTheWall(first, Duration.ofSeconds(period));
        boolean started = false;
        for (int jump : jumps) {
            time = time.plusSeconds(jump);
            calls.clear();
            timers.run(nanos, NO_BOUND);
            assertThat(calls).hasSizeLessThanOrEqualTo(1);
            Instant next = Instant.ofEpochSecond(0, timer.deadline());
            assertThat(next).isAfter(time);
            assertThat(Duration.between(first, next).toSeconds() % period).isZero();
            started |= !calls.isEmpty();
            if (started && !next.equals(first)) {
                assertThat(next).isBeforeOrEqualTo(time.plusSeconds(period));
            }
            assertThat(next).isAfterOrEqualTo(first);
        }
    }

    @Example
    void waitEndsWithTheNextTimerAndIsOneSecondAtMostWhileThereIsAWallTimer() {
        assertThat(timers.limit(-1)).isEqualTo(-1);
        assertThat(timers.limit(7)).isEqualTo(7);
        once(1000, () -> {});
        assertThat(timers.limit(-1)).isEqualTo(1000);
        assertThat(timers.limit(7)).isEqualTo(7);
        Timer far = everyOnTheWall(time.plusSeconds(3600), Duration.ofDays(1));
        assertThat(timers.limit(-1)).isEqualTo(1000);
        nanos += 2000;
        assertThat(timers.limit(-1)).isZero();
        timers.run(nanos, NO_BOUND);
        assertThat(timers.limit(-1)).isEqualTo(1_000_000_000);
        time = time.plusSeconds(3599).plusNanos(999_999_000);
        assertThat(timers.limit(-1)).isEqualTo(1000);
        timers.remove(far);
        assertThat(timers.limit(-1)).isEqualTo(-1);
    }

    @Example
    void extremeTimesAreClampedAndDoNotOverflow() {
        assertThat(Timers.nanosSince1970(Instant.MIN)).isZero();
        assertThat(Timers.nanosSince1970(Instant.MAX)).isEqualTo(Long.MAX_VALUE >> 1);
        assertThat(Timers.nanos(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(Long.MAX_VALUE >> 1);
        assertThat(Timers.nanos(Duration.ofSeconds(-5))).isZero();
        everyOnTheWall(Instant.MAX, Duration.ofSeconds(Long.MAX_VALUE));
        once(Timers.nanos(Duration.ofSeconds(Long.MAX_VALUE)), () -> calls.add("never"));
        nanos += 1_000_000;
        assertThat(timers.run(nanos, NO_BOUND)).isZero();
    }

    private void turnAfter(long passed) {
        nanos += passed;
        time = time.plusNanos(passed);
        timers.run(nanos, NO_BOUND);
    }

    /** Runs a turn in each of the next nanoseconds. */
    private void turnInEachOf(int count) {
        for (int i = 0; i < count; i++) {
            turnAfter(1);
        }
    }

    /** Starts a timer with a period of 10 ns whose calls change it. */
    private void changedInItsCall(Consumer<Timer> change) {
        Timer[] timer = new Timer[1];
        timer[0] =
                repeated(
                        Timer.Repetition.RATE,
                        10,
                        10,
                        () -> {
                            calls.add(now());
                            change.accept(timer[0]);
                        });
    }

    private long now() {
        return nanos - (Long.MAX_VALUE - 50);
    }

    @Example
    void changedRateKeepsTheNextCallAndStartsItsGridThere() {
        Timer timer = repeated(Timer.Repetition.RATE, 100, 100, () -> calls.add(now()));
        turnAfter(100);
        turnAfter(50);
        timer.repeatEvery(Duration.ofNanos(30));
        assertThat(timer.periodNanos()).isEqualTo(30);
        turnInEachOf(140);
        assertThat(calls).containsExactly(100L, 200L, 230L, 260L, 290L);
    }

    @Example
    void rateChangedInItsOwnCallAppliesFromThatCall() {
        changedInItsCall(timer -> timer.repeatEvery(Duration.ofNanos(timer.periodNanos() * 2)));
        turnInEachOf(150);
        assertThat(calls).containsExactly(10L, 30L, 70L, 150L);
    }

    @Example
    void rateChangedInALateCallSkipsMissedCalls() {
        changedInItsCall(timer -> timer.repeatEvery(Duration.ofNanos(15)));
        turnAfter(42); // called for 10, so 25 and 40 are missed
        turnInEachOf(18);
        assertThat(calls).containsExactly(42L, 55L);
    }

    @Example
    void changeOfPeriodThenRescheduleAppliesAtOnce() {
        Timer timer = repeated(Timer.Repetition.RATE, 100, 100, () -> calls.add(now()));
        turnAfter(60);
        timer.repeatEvery(Duration.ofNanos(20)).reschedule(Duration.ofNanos(20));
        turnInEachOf(50);
        assertThat(calls).containsExactly(80L, 100L);
    }

    @Example
    void repetitionChangedInItsOwnCallTakesEffect() {
        changedInItsCall(
                timer -> {
                    if (calls.size() == 1) {
                        timer.repeatAfter(Duration.ofNanos(7));
                    } else {
                        timer.repeatEvery(Duration.ofNanos(20));
                    }
                });
        turnInEachOf(60);
        assertThat(calls).containsExactly(10L, 17L, 37L, 57L);
    }

    @Example
    void changedWallRateStartsItsGridAtTheNextCall() {
        Timer timer = everyOnTheWall(time.plusNanos(100), Duration.ofNanos(100));
        Instant start = time;
        turnAfter(100);
        timer.repeatEvery(Duration.ofNanos(40));
        turnInEachOf(180);
        assertThat(calls)
                .containsExactly(
                        start.plusNanos(100),
                        start.plusNanos(200),
                        start.plusNanos(240),
                        start.plusNanos(280));
    }
}
