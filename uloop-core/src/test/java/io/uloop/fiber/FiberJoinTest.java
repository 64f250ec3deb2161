package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.CapturedLog;
import io.uloop.Uloop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests what happens to the value of a fiber and to its exception. */
class FiberJoinTest extends EachFiber {
    /** What the error handler of {@link #watched} received. */
    private final List<String> reported = new ArrayList<>();

    private final CapturedLog log = new CapturedLog("io.uloop");
    private Uloop watched;

    /** Replaces the fibers by some on a loop whose failures do not fail the test. */
    @BeforeEach
    void watch() throws IOException {
        watched =
                closing(
                        Uloop.builder()
                                .poller(provider)
                                .name("watched")
                                .errorHandler(
                                        (where, source, error) ->
                                                reported.add(
                                                        source.kind()
                                                                + " "
                                                                + ((Fiber<?>) source.callback())
                                                                        .name()
                                                                + " threw "
                                                                + error.getMessage()))
                                .build());
        loop.close();
        loop = watched;
        fibers = Fibers.on(watched, mode);
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    private static void fail() throws IOException {
        throw new IOException("broken");
    }

    @EachMode
    void joinReturnsTheValueToEachWhoAsks() throws Exception {
        Fiber<Integer> fiber =
                fibers.start(
                        "adder",
                        () -> {
                            fibers.sleep(Duration.ofMillis(5));
                            return 42;
                        });
        Fiber<Integer> other = fibers.start("other", fiber::join);
        run(
                () -> {
                    assertThat(fiber.join()).isEqualTo(42);
                    assertThat(other.join()).isEqualTo(42);
                });
        assertThat(fiber.join()).isEqualTo(42);
        assertThat(fiber.isDone()).isTrue();
        assertThat(fiber.info().state()).isEqualTo(FiberState.ENDED);
        assertThat(fibers.start("nothing", () -> {})).hasToString("fiber nothing");
        runFibers();
    }

    @EachMode
    void joinByAnotherThreadReturnsTheValue() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        Fiber<String> fiber =
                fibers.start(
                        "awaited",
                        () -> {
                            go.await();
                            return "value";
                        });
        var joiner =
                inBackground(
                        () -> {
                            go.countDown();
                            return fiber.join();
                        });
        runFibers();
        assertThat(result(joiner)).isEqualTo("value");
    }

    @EachMode
    void exceptionReachesTheFiberThatJoinsAndNobodyElse() throws Exception {
        Fiber<?> fiber =
                fibers.start(
                        "failing",
                        () -> {
                            while (fibers.list().stream()
                                    .noneMatch(each -> each.state() == FiberState.JOINING)) {
                                fibers.sleep(Duration.ofMillis(1));
                            }
                            fail();
                        });
        run(
                () ->
                        assertThatExceptionOfType(ExecutionException.class)
                                .isThrownBy(fiber::join)
                                .havingCause()
                                .isInstanceOf(IOException.class)
                                .withMessage("broken"));
        watched.runOnce(0);
        assertThat(reported).isEmpty();
        assertThat(log.messages()).isEmpty();
        assertThat(fibers.metrics().failed()).isEqualTo(1);
    }

    @EachMode
    void exceptionThatNobodyAwaitsIsReportedBeforeTheRunEnds() throws Exception {
        Fiber<?> fiber = fibers.start("failing", FiberJoinTest::fail);
        runFibers();
        assertThat(reported).containsExactly("fiber failing threw broken");
        assertThat(log.messages()).containsExactly("watched: fiber fiber failing failed");
        assertThat(log.records().get(0).getThrown().getStackTrace()[0].getMethodName())
                .isEqualTo("fail");
        assertThat(fibers.metrics()).isEqualTo(new FiberMetrics(mode, 1, 1, 1));
        assertThatThrownBy(fiber::join).hasRootCauseMessage("broken");
        assertThat(reported).hasSize(1);
    }

    @EachMode
    void runtimeExceptionOfTheExecutorsTaskIsReported() throws Exception {
        fibers.executor()
                .execute(
                        () -> {
                            throw new UncheckedIOException(new IOException("in the task"));
                        });
        runFibers();
        assertThat(reported)
                .containsExactly("fiber fiber-1 threw java.io.IOException: in the task");
    }

    @EachMode
    void interruptedJoinerLeavesTheFiberAndItsFailureIsReported() throws Exception {
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        Fiber<?> failing =
                fibers.start(
                        "failing",
                        () -> {
                            queue.take();
                            fail();
                        });
        Fiber<?> joiner =
                fibers.start(
                        "joiner",
                        () ->
                                assertThatThrownBy(failing::join)
                                        .isInstanceOf(InterruptedException.class));
        run(
                () -> {
                    awaitState(joiner, FiberState.JOINING);
                    joiner.interrupt();
                    joiner.join();
                    assertThat(failing.isDone()).isFalse();
                    queue.add("go");
                });
        assertThat(reported).containsExactly("fiber failing threw broken");
    }

    /** The failure may come while the joiner is interrupted. One of both ways must get it. */
    @EachMode({FiberMode.JDK, FiberMode.PLATFORM})
    void failureAtTheTimeOfTheJoinersInterruptIsNotLost() throws Exception {
        Set<String> joined = ConcurrentHashMap.newKeySet();
        run(
                () -> {
                    for (int i = 0; i < 200; i++) {
                        CountDownLatch both = new CountDownLatch(1);
                        Fiber<?> failing =
                                fibers.start(
                                        "failing" + i,
                                        () -> {
                                            both.await();
                                            fail();
                                        });
                        fibers.start("joiner", () -> joinInterrupted(failing, joined, both)).join();
                        awaitState(failing, FiberState.ENDED);
                    }
                });
        watched.runOnce(0);
        reported.forEach(each -> joined.add(each.split(" ", -1)[1]));
        assertThat(joined).hasSize(200);
    }

    /** Joins, and is interrupted when the other fiber fails. */
    private static void joinInterrupted(Fiber<?> failing, Set<String> joined, CountDownLatch both)
            throws Exception {
        Thread self = Thread.currentThread();
        Thread interrupter =
                new Thread(
                        () -> {
                            both.countDown();
                            self.interrupt();
                        });
        interrupter.start();
        try {
            failing.join();
        } catch (ExecutionException e) {
            joined.add(failing.name());
        } catch (InterruptedException e) {
            // The failure is reported.
        }
        while (interrupter.isAlive()) {
            Thread.onSpinWait();
        }
        boolean unused = Thread.interrupted();
    }

    @EachMode
    void joinOfItselfIsRefused() throws Exception {
        run(
                () ->
                        assertThatThrownBy(fibers.current()::join)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessage("fiber test cannot wait for its own end"));
    }

    @EachMode
    void joinInACallbackIsRefused() throws Exception {
        Fiber<?> sleeper = fibers.start("sleeper", () -> Thread.sleep(100_000));
        List<Throwable> thrown = new ArrayList<>();
        watched.execute(
                () -> {
                    try {
                        sleeper.join();
                    } catch (Exception e) {
                        thrown.add(e);
                    }
                    sleeper.interrupt();
                });
        runFibers();
        assertThat(thrown.get(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("start a fiber for it");
        assertThat(reported).isEmpty();
    }

    @EachMode
    void errorEndsTheRunAndTheLoopCanRunOn() throws Exception {
        fibers.start(
                "failing",
                () -> {
                    throw new AssertionError("wrong");
                });
        Fiber<?> other = fibers.start("other", () -> fibers.sleep(Duration.ofMillis(20)));
        assertThatThrownBy(this::runFibers).isInstanceOf(AssertionError.class).hasMessage("wrong");
        runFibers();
        assertThat(other.isDone()).isTrue();
        assertThat(reported).isEmpty();
    }

    @EachMode
    void outOfMemoryErrorEndsOnlyTheFiber() throws Exception {
        fibers.start(
                "greedy",
                () -> {
                    throw new OutOfMemoryError("none left");
                });
        fibers.start("deep", FiberJoinTest::recurse);
        runFibers();
        assertThat(reported).hasSize(2);
        assertThat(reported)
                .anyMatch(
                        each ->
                                each.startsWith("fiber greedy threw ")
                                        && each.contains("none left"))
                .anyMatch(each -> each.startsWith("fiber deep threw "));
    }

    @SuppressWarnings("InfiniteRecursion") // until the stack is full
    private static void recurse() {
        recurse();
        Thread.onSpinWait();
    }

    @EachMode
    void endOfAnInterruptedFiberIsNotReported() throws Exception {
        Fiber<?> sleeper = fibers.start("sleeper", () -> Thread.sleep(100_000));
        Fiber<?> own =
                fibers.start(
                        "own",
                        () -> {
                            throw new InterruptedException("thrown without an interrupt");
                        });
        run(sleeper::interrupt);
        assertThatThrownBy(sleeper::join).hasCauseInstanceOf(InterruptedException.class);
        assertThatThrownBy(own::join).hasCauseInstanceOf(InterruptedException.class);
        assertThat(reported).containsExactly("fiber own threw thrown without an interrupt");
        assertThat(Thread.interrupted()).as("the interrupt of a fiber").isFalse();
    }

    @EachMode
    void failureThatTheCloseOvertakesIsLogged() throws Exception {
        fibers.start(
                "failing",
                () -> {
                    watched.execute(watched::close);
                    fail();
                });
        runFibers();
        until(
                "the failure is reported or logged",
                () -> !reported.isEmpty() || !log.messages().isEmpty());
    }
}
