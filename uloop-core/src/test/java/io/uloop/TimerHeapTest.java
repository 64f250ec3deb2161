package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Tests the heap's properties with clocks that start anywhere, including right before an overflow.
 */
class TimerHeapTest {
    private final TimerHeap heap = new TimerHeap();

    private static Timer timer(LoopTask task, Timer.Repetition repetition, long periodNanos) {
        Timer timer = new Timer(null, false, task);
        timer.repetition = repetition;
        timer.periodNanos = periodNanos;
        return timer;
    }

    private static Timer timer() {
        return timer(() -> {}, Timer.Repetition.NONE, 0);
    }

    private List<Timer> scheduleAll(long start, List<Integer> delays) {
        List<Timer> timers = new ArrayList<>();
        for (int delay : delays) {
            Timer timer = timer();
            heap.schedule(timer, start + delay);
            timers.add(timer);
        }
        return timers;
    }

    private List<Timer> drain() {
        List<Timer> drained = new ArrayList<>();
        for (Timer first = heap.peek(); first != null; first = heap.peek()) {
            assertThat(heap.remove(first)).isTrue();
            drained.add(first);
        }
        return drained;
    }

    @Provide
    Arbitrary<Long> clocks() {
        return Arbitraries.oneOf(
                Arbitraries.longs(),
                Arbitraries.longs().between(Long.MAX_VALUE - 40, Long.MAX_VALUE));
    }

    @Property
    void timersComeOutByDeadlineAndEqualOnesInOrderOfScheduling(
            @ForAll("clocks") long start,
            @ForAll @Size(max = 200) List<@IntRange(max = 40) Integer> delays) {
        List<Timer> expected = scheduleAll(start, delays);
        expected.sort(Comparator.comparingLong(timer -> timer.deadline() - start));
        assertThat(drain()).containsExactlyElementsOf(expected);
    }

    @Property
    void dueReturnsExactlyTheTimersThatAreDue(
            @ForAll("clocks") long start,
            @ForAll @Size(max = 60) List<@IntRange(max = 40) Integer> delays) {
        List<Timer> pending = scheduleAll(start, delays);
        for (int elapsed = 0; elapsed <= 40; elapsed++) {
            long now = start + elapsed;
            for (Timer due = heap.due(now, heap.nextSequence());
                    due != null;
                    due = heap.due(now, heap.nextSequence())) {
                assertThat(now - due.deadline()).isNotNegative();
                heap.remove(due);
                pending.remove(due);
            }
            assertThat(pending).allMatch(timer -> timer.deadline() - now > 0);
        }
        assertThat(pending).isEmpty();
    }

    enum Verb {
        SCHEDULE,
        CANCEL,
        RESCHEDULE,
        TAKE
    }

    record Step(Verb verb, int pick, int delay) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.frequencyOf(
                                Tuple.of(4, Arbitraries.just(Verb.SCHEDULE)),
                                Tuple.of(2, Arbitraries.just(Verb.CANCEL)),
                                Tuple.of(2, Arbitraries.just(Verb.RESCHEDULE)),
                                Tuple.of(1, Arbitraries.just(Verb.TAKE))),
                        Arbitraries.integers().between(0, 1000),
                        Arbitraries.integers().between(0, 30))
                .as(Step::new)
                .list()
                .ofMaxSize(300);
    }

    /** Compares with a model: a list in scheduling order that is sorted stably on each query. */
    @Property
    void behavesAsASortedListDoes(@ForAll("clocks") long start, @ForAll("steps") List<Step> steps) {
        List<Timer> model = new ArrayList<>();
        for (Step step : steps) {
            Timer picked = model.isEmpty() ? null : model.get(step.pick() % model.size());
            if (step.verb() == Verb.SCHEDULE || picked == null) {
                Timer added = timer();
                heap.schedule(added, start + step.delay());
                model.add(added);
            } else if (step.verb() == Verb.RESCHEDULE) {
                heap.schedule(picked, start + step.delay());
                model.remove(picked);
                model.add(picked);
            } else {
                Timer taken = step.verb() == Verb.CANCEL ? picked : heap.peek();
                assertThat(heap.remove(taken)).isTrue();
                assertThat(heap.remove(taken)).isFalse();
                assertThat(taken.isActive()).isFalse();
                model.remove(taken);
            }
            assertThat(heap.size()).isEqualTo(model.size());
            assertThat(heap.peek()).isSameAs(first(model, start));
            assertThat(model).allMatch(Timer::isActive);
        }
        model.sort(Comparator.comparingLong(timer -> timer.deadline() - start));
        assertThat(drain()).containsExactlyElementsOf(model);
    }

    private static Timer first(List<Timer> model, long start) {
        return model.stream()
                .min(Comparator.comparingLong(timer -> timer.deadline() - start))
                .orElse(null);
    }

    @Property(tries = 200)
    void cancellingAnySubsetLeavesTheOthersInOrder(
            @ForAll @Size(min = 1, max = 100) List<@IntRange(max = 10) Integer> delays,
            @ForAll @Size(max = 100) List<@IntRange(max = 99) Integer> cancelled) {
        List<Timer> timers = scheduleAll(0, delays);
        List<Timer> kept = new ArrayList<>(timers);
        for (int pick : cancelled) {
            Timer timer = timers.get(pick % timers.size());
            assertThat(heap.remove(timer)).isEqualTo(kept.remove(timer));
        }
        kept.sort(Comparator.comparingLong(Timer::deadline));
        assertThat(drain()).containsExactlyElementsOf(kept);
    }

    @Example
    void timerScheduledAfterTheMarkIsNotDue() {
        Timer before = timer();
        heap.schedule(before, 5);
        long mark = heap.nextSequence();
        Timer after = timer();
        heap.schedule(after, 5);
        assertThat(heap.due(5, mark)).isSameAs(before);
        heap.remove(before);
        assertThat(heap.due(5, mark)).isNull();
        assertThat(heap.due(5, heap.nextSequence())).isSameAs(after);
    }

    @Example
    void periodicTimerIsFoundByItsTask() {
        LoopTask task = () -> {};
        heap.schedule(timer(task, Timer.Repetition.NONE, 0), 1);
        assertThat(heap.findRepeated(task)).isNull();
        Timer periodic = timer(task, Timer.Repetition.RATE, 7);
        heap.schedule(periodic, 2);
        assertThat(heap.findRepeated(task)).isSameAs(periodic);
        heap.remove(periodic);
        assertThat(heap.findRepeated(task)).isNull();
    }
}
