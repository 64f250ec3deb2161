package io.uloop.benchmarks.question;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.posix.call.NativeAccess;
import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Param;

/** Runs each contender of each question with small parameters. */
@ExtendWith(NoDescriptorLeak.class)
class ContendersTest {
    private record Contender(Measured benchmark, int operations) {}

    /** Libraries open descriptors on first use, and some keep them. */
    @BeforeAll
    static void useAll() throws Exception {
        for (Named<Contender> contender : contenders()) {
            Measured benchmark = contender.getPayload().benchmark();
            benchmark.setUp();
            benchmark.run();
            benchmark.tearDown();
        }
    }

    static List<Named<Contender>> contenders() throws Exception {
        List<Named<Contender>> contenders = new ArrayList<>();
        for (int ready : new int[] {1, 10}) {
            PollBenchmark poll = new PollBenchmark();
            poll.ready = ready;
            poll.registered = 30;
            addAll(contenders, poll, PollBenchmark.EVENTS);
        }
        for (int registered : new int[] {10, 300}) {
            IdleBenchmark idle = new IdleBenchmark();
            idle.registered = registered;
            addAll(contenders, idle, IdleBenchmark.POLLS);
        }
        addAll(contenders, new RegisterBenchmark(), RegisterBenchmark.SOCKETS);
        addAll(contenders, new FlipBenchmark(), FlipBenchmark.MESSAGES);
        addAll(contenders, new OneshotBenchmark(), OneshotBenchmark.EVENTS);
        for (int size : new int[] {64, 16_384}) {
            PairBenchmark pair = new PairBenchmark();
            pair.size = size;
            addAll(contenders, pair, PairBenchmark.MESSAGES);
        }
        addAll(contenders, new AcceptBenchmark(), AcceptBenchmark.CONNECTIONS);
        addAll(contenders, new WakeupBenchmark(), WakeupBenchmark.WAKEUPS);
        for (int threads : new int[] {1, 2}) {
            ExecuteBenchmark execute = new ExecuteBenchmark();
            execute.threads = threads;
            addAll(contenders, execute, ExecuteBenchmark.TASKS);
        }
        TimersBenchmark timers = new TimersBenchmark();
        timers.pending = 100;
        addAll(contenders, timers, TimersBenchmark.PAIRS);
        for (int ready : new int[] {1, 100}) {
            DispatchBenchmark dispatch = new DispatchBenchmark();
            dispatch.ready = ready;
            addAll(contenders, dispatch, DispatchBenchmark.EVENTS);
        }
        return contenders;
    }

    /** Adds a copy of the benchmark for each contender that can run in this JVM. */
    private static void addAll(
            List<Named<Contender>> contenders, Measured benchmark, int operations)
            throws Exception {
        Class<? extends Measured> type = benchmark.getClass();
        for (String name : type.getField("contender").getAnnotation(Param.class).value()) {
            if (Contenders.unavailability(name) != null || needsAnotherJvm(name)) {
                continue;
            }
            Measured copy = type.getConstructor().newInstance();
            for (var field : type.getFields()) {
                field.set(copy, field.getName().equals("contender") ? name : field.get(benchmark));
            }
            contenders.add(
                    Named.of(type.getSimpleName() + " " + name, new Contender(copy, operations)));
        }
    }

    private static boolean needsAnotherJvm(String contender) {
        return Stream.of("foreign", "jnr")
                .anyMatch(
                        binding ->
                                contender.endsWith("-" + binding)
                                        && !Contenders.isBinding(binding));
    }

    /** Runs the contender of its argument and prints the native binding. */
    static final class Fork {
        public static void main(String[] arguments) throws Exception {
            FlipBenchmark benchmark = new FlipBenchmark();
            benchmark.contender = arguments[0];
            benchmark.setUp();
            System.out.println(benchmark.run() == FlipBenchmark.MESSAGES);
            benchmark.tearDown();
            System.out.println(NativeAccess.binding());
        }
    }

    @Test
    void suffixSelectsTheNativeBinding() throws Exception {
        assumeTrue(Contenders.unavailability("epoll") == null, "needs epoll");
        assertThat(ChildJava.of(Fork.class, "epoll-jnr").run().lines()).contains("true", "JNR");
        if (Runtime.version().feature() >= 22) {
            assertThat(ChildJava.of(Fork.class, "epoll-foreign").run().lines())
                    .contains("true", "java.lang.foreign");
        }
    }

    @Test
    void bothBindingsHaveARow() {
        assumeTrue(Contenders.unavailability("epoll") == null, "needs epoll");
        List<@Nullable String> reasons = new ArrayList<>();
        reasons.add(Contenders.unavailability("epoll-foreign"));
        reasons.add(Contenders.unavailability("epoll-jnr"));
        if (Runtime.version().feature() >= 22) {
            assertThat(reasons).containsOnlyOnce((String) null);
        } else {
            assertThat(reasons).doesNotContainNull();
        }
    }

    @Test
    void bindingCannotChangeInAJvm() {
        String other = Contenders.isBinding("jnr") ? "epoll-foreign" : "epoll-jnr";
        assertThatIllegalStateException()
                .isThrownBy(() -> Contenders.provider(other))
                .withMessageContaining(other);
    }

    @ParameterizedTest
    @MethodSource("contenders")
    void eachRunDoesWhatItsScoreIsDividedBy(Contender contender) throws Exception {
        Measured benchmark = contender.benchmark();
        benchmark.setUp();
        try {
            assertThat(benchmark.run()).isEqualTo(contender.operations());
            assertThat(benchmark.run()).isEqualTo(contender.operations());
        } finally {
            benchmark.tearDown();
        }
    }
}
