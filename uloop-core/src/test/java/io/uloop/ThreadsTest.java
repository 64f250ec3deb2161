package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Tests which calls other threads may make. */
class ThreadsTest extends EachBackend {
    private static final int PRODUCERS = 8;
    private static final int TASKS_EACH = 12_500;

    @Test
    void tasksOfManyThreadsAllRunAndEachThreadsInOrder() throws Exception {
        int[] next = new int[PRODUCERS];
        AtomicInteger misplaced = new AtomicInteger();
        int[] done = new int[1];
        List<Thread> producers = new ArrayList<>();
        for (int producer = 0; producer < PRODUCERS; producer++) {
            int id = producer;
            IntConsumer task =
                    sequence -> {
                        if (next[id]++ != sequence) {
                            misplaced.incrementAndGet();
                        }
                        done[0]++;
                    };
            Runnable work =
                    () -> {
                        for (int i = 0; i < TASKS_EACH; i++) {
                            int sequence = i;
                            loop.execute(() -> task.accept(sequence));
                        }
                    };
            producers.add(new Thread(work));
        }
        producers.forEach(Thread::start);
        runUntil(() -> done[0] == PRODUCERS * TASKS_EACH);
        for (Thread producer : producers) {
            producer.join();
        }
        loop.runOnce(0);
        assertThat(misplaced).hasValue(0);
        assertThat(next).containsOnly(TASKS_EACH);
    }

    @Test
    void executeWakesAWaitingLoop() throws IOException {
        try (LoopThread thread = new LoopThread(loop)) {
            for (int i = 0; i < 1_000; i++) {
                CountDownLatch ran = new CountDownLatch(1);
                loop.execute(ran::countDown);
                LoopThread.await(ran);
            }
            loop.stop();
            thread.join();
        }
    }

    @Test
    void onlyTheRunningThreadIsInTheLoop() throws IOException {
        AtomicInteger inside = new AtomicInteger();
        assertThat(loop.inLoop()).isFalse();
        try (LoopThread thread = new LoopThread(loop)) {
            assertThat(loop.inLoop()).isFalse();
            loop.execute(
                    () -> {
                        inside.set(loop.inLoop() ? 1 : -1);
                        loop.stop();
                    });
            thread.join();
        }
        assertThat(inside).hasValue(1);
    }

    @Test
    void stopFromAHandlerEndsTheRun() throws IOException {
        loop.add(readablePipe(), UEvent.IN, (fd, events) -> loop.stop());
        runToStop();
        assertThat(loop.isOpen()).isTrue();
        runToStop();
    }

    @Test
    void stopFromAnotherThreadEndsTheRun() {
        for (int i = 0; i < 100; i++) {
            LoopThread thread = new LoopThread(loop);
            loop.stop();
            thread.join();
        }
        assertThat(loop.isOpen()).isTrue();
    }

    @Test
    void closeFromAnotherThreadEndsTheRun() throws IOException {
        for (int i = 0; i < 50; i++) {
            Uloop closed = build(provider);
            LoopThread thread = new LoopThread(closed);
            closed.close();
            thread.join();
            assertThat(closed.isOpen()).isFalse();
        }
    }

    @Test
    void closeRacingABusyLoopEndsTheRun() throws IOException {
        int fd = readablePipe();
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            for (int i = 0; i < 50; i++) {
                Uloop closed = build(provider);
                closed.add(fd, UEvent.IN, (f, events) -> closed.callSoon(() -> {}));
                closed.addPeriodic(Duration.ofNanos(1), () -> {});
                LoopThread thread = new LoopThread(closed);
                closed.close();
                thread.join();
            }
            assertThat(log.messages()).hasSameSizeAs(failures);
        }
        failures.removeIf(
                IllegalStateException.class::isInstance); // callSoon failed after the close
    }

    @Test
    void closeFromAHandlerEndsTheRunAndTheBatch() throws IOException {
        List<Integer> called = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            loop.add(
                    readablePipe(),
                    UEvent.IN,
                    (fd, events) -> {
                        called.add(fd);
                        loop.close();
                    });
        }
        loop.run();
        assertThat(called).hasSize(1);
        assertThat(loop.isOpen()).isFalse();
    }

    @Test
    void wrongThreadFailsWithAdviceToUseExecute() throws IOException {
        int fd = readablePipe();
        Timer timer = loop.callLater(Duration.ofHours(1), () -> {});
        Handle before = loop.beforePoll(() -> {});
        Handle after = loop.afterPoll(() -> {});
        List<ThrowingCallable> calls =
                List.of(
                        () -> loop.add(fd, UEvent.IN, (f, events) -> {}),
                        () -> loop.modify(fd, UEvent.IN),
                        () -> loop.remove(fd),
                        () -> loop.callSoon(() -> {}),
                        () -> loop.callLater(Duration.ZERO, () -> {}),
                        () -> loop.addPeriodic(Duration.ofHours(1), () -> {}),
                        () -> loop.removePeriodic(() -> {}),
                        () -> loop.beforePoll(() -> {}),
                        () -> loop.afterPoll(() -> {}),
                        before::close,
                        after::close,
                        () -> loop.callEvery(Duration.ofHours(1), () -> {}),
                        timer::close,
                        () -> timer.repeatEvery(Duration.ofHours(1)),
                        () -> timer.reschedule(Duration.ZERO));
        try (LoopThread thread = new LoopThread(loop)) {
            for (ThrowingCallable call : calls) {
                assertThatThrownBy(call)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("pass the call to execute");
            }
            assertThatThrownBy(() -> loop.runOnce(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("another thread");
            loop.stop();
            thread.join();
        }
        assertThat(timer.isActive()).isTrue();
        timer.close();
        assertThat(timer.isActive()).isFalse();
        assertThat(loop.runOnce(0)).isZero();
    }

    @Test
    void nestedRunIsRejected() throws IOException {
        List<Throwable> thrown = new ArrayList<>();
        loop.execute(
                () -> {
                    try {
                        loop.runOnce(0);
                    } catch (IOException | IllegalStateException e) {
                        thrown.add(e);
                    }
                });
        loop.runOnce(0);
        assertThat(thrown)
                .singleElement()
                .satisfies(
                        e ->
                                assertThat(e)
                                        .isInstanceOf(IllegalStateException.class)
                                        .hasMessageContaining("in its own callback"));
    }

    @Test
    void anyThreadMaySetUpALoopThatDoesNotRun() throws Exception {
        int fd = readablePipe();
        Thread setup =
                new Thread(
                        () -> {
                            unchecked(
                                    () -> {
                                        loop.add(fd, UEvent.IN, (f, events) -> loop.stop());
                                        return true;
                                    });
                        });
        setup.start();
        setup.join();
        runToStop();
    }

    @Test
    void concurrentSetupIsRejectedAndBreaksNothing() throws Exception {
        int count = 200;
        int[] fds = new int[count];
        boolean[] added = new boolean[count];
        boolean[] called = new boolean[count];
        for (int i = 0; i < count; i++) {
            fds[i] = readablePipe();
        }
        AtomicInteger timers = new AtomicInteger();
        AtomicInteger timersRun = new AtomicInteger();
        AtomicInteger hooks = new AtomicInteger();
        AtomicInteger hooksRun = new AtomicInteger();
        onTwoThreads(
                id -> {
                    for (int i = id; i < count; i += 2) {
                        int place = i;
                        EventHandler handler = (fd, events) -> called[place] = true;
                        added[i] = accepts(() -> loop.add(fds[place], UEvent.IN, handler));
                        if (accepts(
                                () -> loop.callLater(Duration.ZERO, timersRun::incrementAndGet))) {
                            timers.incrementAndGet();
                        }
                        if (accepts(() -> loop.beforePoll(hooksRun::incrementAndGet))) {
                            hooks.incrementAndGet();
                        }
                    }
                });
        loop.runOnce(0);
        assertThat(hooksRun).hasValue(hooks.get());
        runUntil(() -> Arrays.equals(called, added));
        assertThat(timersRun).hasValue(timers.get());
        for (int i = 0; i < count; i++) {
            if (added[i]) {
                loop.remove(fds[i]);
            }
        }
        assertThat(loop.metrics().descriptors()).isZero();
    }

    @Test
    void runWaitsForTheSetupOfAnotherThread() throws Exception {
        onTwoThreads(
                id -> {
                    for (int i = 0; i < 1_000; i++) {
                        if (id == 0) {
                            loop.runOnce(0);
                        } else {
                            accepts(() -> loop.callLater(Duration.ofHours(1), () -> {}));
                        }
                    }
                });
    }

    /** An action run by two threads concurrently, which gets the thread's number. */
    private interface Share {
        void run(int id) throws Exception;
    }

    private static void onTwoThreads(Share share) throws Exception {
        CyclicBarrier start = new CyclicBarrier(2);
        List<FutureTask<Boolean>> shares = new ArrayList<>();
        for (int id = 0; id < 2; id++) {
            int number = id;
            FutureTask<Boolean> task =
                    new FutureTask<>(
                            () -> {
                                start.await(20, TimeUnit.SECONDS);
                                share.run(number);
                                return true;
                            });
            shares.add(task);
            Thread thread = new Thread(task, "share " + id);
            thread.setDaemon(true);
            thread.start();
        }
        for (FutureTask<Boolean> task : shares) {
            assertThat(task.get(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Returns false if the loop rejects the call because another thread uses it. */
    private static boolean accepts(ThrowingRunnable call) throws Exception {
        try {
            call.run();
            return true;
        } catch (IllegalStateException e) {
            assertThat(e).hasMessageContaining("pass the call to execute");
            return false;
        }
    }

    @Test
    void closedLoopRejectsEverything() throws IOException {
        int fd = readablePipe();
        Timer timer = loop.callLater(Duration.ofHours(1), () -> {});
        loop.close();
        assertThatThrownBy(() -> loop.execute(() -> {}))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("closed");
        for (ThrowingCallable call :
                List.<ThrowingCallable>of(
                        loop::run,
                        () -> loop.runOnce(0),
                        () -> loop.callSoon(() -> {}),
                        () -> loop.callLater(Duration.ZERO, () -> {}),
                        () -> loop.addPeriodic(Duration.ofHours(1), () -> {}))) {
            assertThatThrownBy(call)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("open another loop");
        }
        for (ThrowingCallable call :
                List.<ThrowingCallable>of(
                        () -> loop.add(fd, UEvent.IN, (f, events) -> {}),
                        () -> loop.modify(fd, UEvent.IN),
                        () -> loop.remove(fd))) {
            assertThatThrownBy(call).isInstanceOf(ClosedPollerException.class);
        }
        loop.stop();
        assertThat(timer.isActive()).isTrue();
        timer.close();
        assertThat(timer.isActive()).isFalse();
    }

    @Test
    void interruptEndsOneWaitAndKeepsTheFlag() throws IOException {
        Thread.currentThread().interrupt();
        assertThat(loop.runOnce(-1)).isZero();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        long start = System.nanoTime();
        loop.runOnce(2_000_000);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(2_000_000);
        assertThat(Thread.interrupted()).isTrue();
    }
}
