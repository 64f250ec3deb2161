package io.uloop.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.uloop.CapturedLog;
import io.uloop.EachBackend;
import io.uloop.EventHandler;
import io.uloop.LoopTask;
import io.uloop.LoopThread;
import io.uloop.Uloop;
import io.uloop.UloopBuilder;
import io.uloop.net.UdpChannel;
import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Tests groups of loops, from start to end. */
class UloopGroupTest extends EachBackend {
    private final List<String> seen = new CopyOnWriteArrayList<>();

    @Test
    void everyLoopRunsOnAThreadOfItsNameWhenTheGroupIsOpen() throws Exception {
        try (UloopGroup group = group(3)) {
            assertThat(group.size()).isEqualTo(3);
            for (int i = 0; i < 3; i++) {
                assertThat(call(group.loop(i), () -> Thread.currentThread().getName()))
                        .isEqualTo("of the test-" + i);
                assertThat(group.loop(i).provider()).isEqualTo(provider);
            }
            assertThat(group.toString()).contains("UloopGroup[of the test, [Uloop[of the test-0,");
        }
    }

    @Test
    void nextRotatesThroughTheLoops() throws Exception {
        try (UloopGroup group = group(3)) {
            List<Uloop> inTurn = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                inTurn.add(group.next());
            }
            assertThat(inTurn)
                    .containsExactly(
                            group.loop(0),
                            group.loop(1),
                            group.loop(2),
                            group.loop(0),
                            group.loop(1),
                            group.loop(2));
        }
    }

    @Test
    void stopDoesNotEndALoopOfAGroup() throws Exception {
        try (UloopGroup group = group(1)) {
            group.loop(0).stop();
            call(group.loop(0), () -> 1);
            group.loop(0).execute(() -> group.loop(0).stop());
            call(group.loop(0), () -> 2);
            assertThat(group.loop(0).isOpen()).isTrue();
        }
    }

    @Test
    void shutdownLetsTimersTasksAndDescriptorsFinish() throws Exception {
        Descriptors.Pipe ends = pipe();
        try (UloopGroup group = group(2)) {
            CountDownLatch shuttingDown = new CountDownLatch(1);
            Uloop first = group.loop(0);
            group.atShutdown(0, shuttingDown::countDown);
            EventHandler reader = (fd, events) -> readAndEnd(first, fd);
            LoopTask timer = () -> seen.add("timer");
            first.execute(() -> unchecked(() -> first.add(ends.readEnd(), UEvent.IN, reader)));
            first.execute(() -> first.callLater(Duration.ofMillis(20), timer));
            Runnable writeLate =
                    () -> {
                        LoopThread.await(shuttingDown);
                        unchecked(() -> io.write(ends.writeEnd(), bytes("x")));
                    };
            Thread writer = new Thread(writeLate);
            writer.start();
            assertThat(group.shutdown(DEADLINE)).isTrue();
            writer.join();
            assertThat(seen).containsExactlyInAnyOrder("read x", "timer");
            assertThat(first.isOpen()).isFalse();
            assertThat(group.failure(0)).isNull();
        }
    }

    private void readAndEnd(Uloop where, int fd) throws IOException {
        seen.add("read " + read(fd));
        where.stop(); // must not cut the timer short
        where.remove(fd);
    }

    @Test
    void shutdownTasksRunInOrderBeforeEndTasks() throws Exception {
        try (UloopGroup group = group(2)) {
            for (int i = 0; i < 2; i++) {
                Uloop loop = group.loop(i);
                int index = i;
                group.atEnd(i, () -> seen.add(index + " end, open " + loop.isOpen()));
                group.atShutdown(i, () -> seen.add(index + " first, in loop " + loop.inLoop()));
                group.atShutdown(
                        i,
                        () -> {
                            seen.add(index + " second");
                            loop.execute(() -> seen.add(index + " task"));
                        });
            }
            assertThat(group.shutdown(DEADLINE)).isTrue();
        }
        assertThat(seen.stream().filter(line -> line.startsWith("0")))
                .containsExactly(
                        "0 first, in loop true", "0 second", "0 task", "0 end, open false");
        assertThat(seen.stream().filter(line -> line.startsWith("1")))
                .containsExactly(
                        "1 first, in loop true", "1 second", "1 task", "1 end, open false");
    }

    @Test
    void shutdownDoesNotWaitForAnUnreferencedChannel() throws Exception {
        try (UloopGroup group = group(1)) {
            Uloop first = group.loop(0);
            UdpChannel channel =
                    call(
                            first,
                            () -> {
                                UdpChannel opened = UdpChannel.open(first, anyPort());
                                opened.register(UEvent.IN, (fd, events) -> {});
                                opened.unref();
                                return opened;
                            });
            closing(channel);
            assertThat(group.shutdown(DEADLINE)).isTrue();
        }
    }

    @Test
    void loopThatIsNotIdleInTimeIsClosed() throws Exception {
        Descriptors.Pipe ends = pipe();
        try (UloopGroup group = group(2)) {
            Uloop first = group.loop(0);
            group.atEnd(0, () -> seen.add("end"));
            first.submit(
                            () -> {
                                first.add(ends.readEnd(), UEvent.IN, (fd, events) -> {});
                                return 0;
                            })
                    .get(60, TimeUnit.SECONDS);
            assertThat(group.shutdown(Duration.ofMillis(20))).isFalse();
            assertThat(first.isOpen()).isFalse();
        }
        assertThat(seen).containsExactly("end");
    }

    @Test
    void blockedHandlerIsInterrupted() throws Exception {
        try (UloopGroup group = group(2)) {
            CountDownLatch stuck = new CountDownLatch(1);
            CountDownLatch never = new CountDownLatch(1);
            group.loop(1)
                    .execute(
                            () -> {
                                stuck.countDown();
                                try {
                                    never.await();
                                } catch (InterruptedException e) {
                                    seen.add("interrupted");
                                }
                            });
            LoopThread.await(stuck);
            assertThat(group.shutdown(Duration.ofMillis(20))).isFalse();
        }
        assertThat(seen).containsExactly("interrupted");
    }

    @Test
    void closeWaitsForTheCallbackThatRuns() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        UloopGroup group = group(1);
        group.loop(0)
                .execute(
                        () -> {
                            running.countDown();
                            LoopThread.await(closing);
                            seen.add("callback");
                        });
        LoopThread.await(running);
        Thread closer = new Thread(group::close);
        closer.start();
        Awaitility.await().atMost(DEADLINE).until(() -> !group.loop(0).isOpen());
        closing.countDown();
        closer.join();
        assertThat(seen).containsExactly("callback");
        group.close();
        assertThat(group.shutdown(Duration.ZERO)).isTrue();
    }

    @Test
    void loopMayCloseItsGroup() throws Exception {
        UloopGroup group = group(2);
        group.loop(1).execute(group::close);
        assertThat(group.shutdown(DEADLINE)).isTrue();
        assertThatThrownBy(() -> group.loop(0).execute(() -> {}))
                .isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void shutdownOnALoopsThreadIsRejected() throws Exception {
        try (UloopGroup group = group(1)) {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            call(
                    group.loop(0),
                    () -> {
                        thrown.set(catchThrowable(() -> group.shutdown(DEADLINE)));
                        return 0;
                    });
            assertThat(thrown.get())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cannot wait for its own end");
        }
    }

    @Test
    void failedLoopIsReportedLoggedAndSkipped() throws Exception {
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            CountDownLatch failed = new CountDownLatch(1);
            AssertionError error = new AssertionError("of the test");
            try (UloopGroup group =
                    builder(3)
                            .failureHandler(
                                    (where, index, failure) -> {
                                        seen.add(index + " " + (failure == error));
                                        failed.countDown();
                                    })
                            .build()) {
                group.loop(1)
                        .execute(
                                () -> {
                                    throw error;
                                });
                LoopThread.await(failed);
                assertThat(seen).containsExactly("1 true");
                assertThat(group.failure(1)).isSameAs(error);
                assertThat(group.failure(0)).isNull();
                assertThat(log.messages())
                        .anyMatch(line -> line.startsWith("loop 1 of UloopGroup["));
                assertThat(List.of(group.next(), group.next(), group.next()))
                        .containsExactly(group.loop(0), group.loop(2), group.loop(0));
                assertThat(group.shutdown(DEADLINE)).isFalse();
            }
        }
    }

    @Test
    void failureLogsHowManyLoopsRemain() throws Exception {
        try (CapturedLog log = new CapturedLog("io.uloop");
                UloopGroup group = builder(2).build()) {
            for (int i = 0; i < 2; i++) {
                int failures = i + 1;
                group.loop(i)
                        .execute(
                                () -> {
                                    throw new AssertionError("of the test");
                                });
                Awaitility.await().atMost(DEADLINE).until(() -> log.messages().size() == failures);
            }
            assertThat(log.messages().get(0)).contains("1 of 2 loops").doesNotContain("no loop");
            assertThat(log.messages().get(1)).contains("has no loop left; open a new group");
        }
    }

    @Test
    void failureHandlerThatThrowsIsLogged() throws Exception {
        try (CapturedLog log = new CapturedLog("io.uloop");
                UloopGroup group =
                        builder(1)
                                .failureHandler(
                                        (where, index, failure) -> {
                                            throw new IllegalStateException("of the test");
                                        })
                                .build()) {
            group.loop(0)
                    .execute(
                            () -> {
                                throw new AssertionError("of the test");
                            });
            assertThat(group.shutdown(DEADLINE)).isFalse();
            assertThat(log.messages()).anyMatch(line -> line.startsWith("the failure handler of"));
            assertThatIllegalStateException()
                    .isThrownBy(group::next)
                    .withMessage("every loop of of the test has ended")
                    .withCauseInstanceOf(AssertionError.class);
        }
    }

    @Test
    void failingEndTaskDoesNotStopTheOthers() throws Exception {
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            UloopGroup group = group(1);
            group.atEnd(
                    0,
                    () -> {
                        throw new IllegalStateException("of the test");
                    });
            group.atEnd(0, () -> seen.add("second"));
            group.close();
            assertThat(seen).containsExactly("second");
            assertThat(group.failure(0)).hasMessage("of the test");
            assertThat(log.messages()).hasSize(1);
        }
    }

    @Test
    void tasksAddedTooLateAreRejected() throws Exception {
        UloopGroup group = group(1);
        group.shutdown(DEADLINE);
        assertThatIllegalStateException().isThrownBy(() -> group.atShutdown(0, () -> {}));
        assertThatIllegalStateException().isThrownBy(() -> group.atEnd(0, () -> {}));
    }

    @Test
    void failedOpenOfGroupLeavesNothingOpen() {
        List<Integer> built = new ArrayList<>();
        Consumer<UloopBuilder> failThird =
                each -> {
                    each.poller(provider);
                    built.add(1);
                    if (built.size() == 3) {
                        throw new IllegalStateException("third");
                    }
                };
        assertThatIllegalStateException()
                .isThrownBy(() -> UloopGroup.builder().size(3).eachLoop(failThird).build())
                .withMessage("third");
        assertThatIllegalArgumentException().isThrownBy(() -> UloopGroup.open(0));
    }

    private UloopGroupBuilder builder(int size) {
        return UloopGroup.builder()
                .size(size)
                .name("of the test")
                .eachLoop(
                        each ->
                                each.poller(provider)
                                        .errorHandler(
                                                (where, what, error) -> seen.add("" + error)));
    }

    private UloopGroup group(int size) throws IOException {
        return builder(size).build();
    }

    private static <T> T call(Uloop where, Callable<T> work) throws Exception {
        return where.<T>submit(work).get(60, TimeUnit.SECONDS);
    }

    @Test
    void interruptedShutdownStillEndsTheLoops() throws Exception {
        try (UloopGroup group = group(2)) {
            CountDownLatch shuttingDown = new CountDownLatch(1);
            CountDownLatch proceed = new CountDownLatch(1);
            group.atShutdown(
                    0,
                    () -> {
                        shuttingDown.countDown();
                        LoopThread.await(proceed);
                    });
            Thread waiting =
                    new Thread(
                            () -> {
                                try {
                                    group.shutdown(DEADLINE);
                                } catch (InterruptedException e) {
                                    seen.add("interrupted");
                                }
                            });
            waiting.start();
            LoopThread.await(shuttingDown);
            waiting.interrupt();
            waiting.join();
            assertThat(seen).containsExactly("interrupted");
            proceed.countDown();
            Awaitility.await()
                    .atMost(DEADLINE)
                    .until(() -> !group.loop(0).isOpen() && !group.loop(1).isOpen());
        }
    }

    @Test
    void loopThatIsClosedBeforeItStartsEndsAtOnce() throws Exception {
        try (UloopGroup group = group(1)) {
            GroupLoop closed =
                    new GroupLoop(
                            group,
                            1,
                            "closed",
                            loop,
                            UloopGroup.builder()
                                    .failureHandler((where, index, e) -> seen.add("" + e)));
            closed.atEnd(() -> seen.add("end"));
            loop.close();
            closed.start();
            closed.awaitEnd();
            assertThat(seen).containsExactly("end");
            assertThat(closed.failure()).isNull();
        }
    }
}
