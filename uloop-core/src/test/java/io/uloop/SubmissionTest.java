package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** Tests work that completes futures. */
class SubmissionTest extends EachBackend {
    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());

    @Test
    void resultAndExceptionCompleteTheFutureOnly() throws Exception {
        CompletableFuture<String> result = loop.submit(() -> "result");
        CompletableFuture<String> failure =
                loop.submit(
                        () -> {
                            throw new IOException("on purpose");
                        });
        assertThat(result).isNotDone();
        loop.runOnce(0);
        assertThat(result.get()).isEqualTo("result");
        assertThatThrownBy(failure::get)
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage("on purpose");
    }

    @Test
    void submissionsAndTasksOfOneThreadKeepTheirOrder() throws IOException {
        loop.execute(() -> calls.add("first"));
        CompletableFuture<Boolean> second = loop.submit(() -> calls.add("second"));
        loop.callSoon(() -> calls.add("third"));
        loop.runOnce(0);
        assertThat(calls).containsExactly("first", "second", "third");
        assertThat(second).isCompletedWithValue(true);
    }

    @Test
    void cancelledWorkIsNotCalled() throws IOException {
        CompletableFuture<Boolean> work = loop.submit(() -> calls.add("work"));
        work.cancel(false);
        loop.runOnce(0);
        assertThat(calls).isEmpty();
    }

    @Test
    void errorEndsTheRunAndCompletesTheFuture() {
        CompletableFuture<Object> work =
                loop.submit(
                        () -> {
                            throw new StackOverflowError("on purpose");
                        });
        assertThatThrownBy(() -> loop.runOnce(0)).isInstanceOf(StackOverflowError.class);
        assertThat(work).isCompletedExceptionally();
    }

    @Test
    void closingAnIdleLoopFailsPendingFutures() {
        CompletableFuture<String> work = loop.submit(() -> "never");
        loop.close();
        assertThatThrownBy(work::get)
                .hasCauseInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("is closed");
        assertThatThrownBy(() -> loop.submit(() -> "too late"))
                .isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> loop.callIn(Runnable::run, () -> "too late"))
                .isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void closingARunningLoopCompletesAllFutures() throws Exception {
        for (int round = 0; round < 200; round++) {
            Uloop racing = build(provider);
            List<CompletableFuture<String>> accepted = new ArrayList<>();
            Thread submitter =
                    new Thread(
                            () -> {
                                try {
                                    for (; ; ) {
                                        accepted.add(racing.submit(() -> "done"));
                                    }
                                } catch (RejectedExecutionException e) {
                                    calls.add("refused");
                                }
                            });
            Thread runner =
                    new Thread(
                            () -> {
                                try {
                                    racing.runOnce(1_000_000);
                                } catch (IOException | IllegalStateException e) {
                                    calls.add("closed before it ran");
                                }
                            });
            submitter.start();
            if (round % 2 == 0) {
                runner.start();
            }
            while (accepted.isEmpty() && submitter.isAlive()) {
                Thread.onSpinWait();
            }
            racing.close();
            submitter.join();
            if (round % 2 == 0) {
                runner.join();
            }
            for (CompletableFuture<String> future : accepted) {
                assertThat(future.handle((value, error) -> "ended").get(60, TimeUnit.SECONDS))
                        .isEqualTo("ended");
            }
        }
        assertThat(calls.stream().filter("refused"::equals)).hasSize(200);
    }

    @Test
    void callInRunsInTheExecutorAndCompletesOnTheLoop() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            List<Boolean> inLoop = new ArrayList<>();
            CompletableFuture<Integer> done =
                    loop.callIn(
                                    executor,
                                    () -> {
                                        inLoop.add(loop.inLoop());
                                        return 42;
                                    })
                            .thenApply(
                                    value -> {
                                        inLoop.add(loop.inLoop());
                                        return value + 1;
                                    });
            assertThat(loop.runUntil(done)).isEqualTo(43);
            assertThat(inLoop).containsExactly(false, true);
        } finally {
            executor.shutdown();
        }
    }

    @Test
    void callInDeliversExceptionsAndErrorsToTheFuture() {
        for (Throwable thrown : List.of(new IOException("a"), new AssertionError("b"))) {
            CompletableFuture<Object> work =
                    loop.callIn(
                            Runnable::run,
                            () -> {
                                if (thrown instanceof IOException e) {
                                    throw e;
                                }
                                throw (Error) thrown;
                            });
            assertThatThrownBy(() -> loop.runUntil(work))
                    .isInstanceOf(ExecutionException.class)
                    .hasCause(thrown);
        }
    }

    @Test
    void executorRejectionReachesTheCallerAndLeavesTheLoopIdle() throws IOException {
        Executor refusing =
                task -> {
                    throw new RejectedExecutionException("full");
                };
        assertThatThrownBy(() -> loop.callIn(refusing, () -> 1)).hasMessage("full");
        loop.runUntilIdle();
    }

    @Test
    void loopWithWorkInAnExecutorIsNotIdle() throws Exception {
        CountDownLatch proceed = new CountDownLatch(1);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            CompletableFuture<Void> work =
                    loop.callIn(
                            executor,
                            () -> {
                                LoopThread.await(proceed);
                                return null;
                            });
            loop.beforePoll(proceed::countDown);
            loop.callSoon(() -> calls.add("turn"));
            loop.runUntilIdle();
            assertThat(work).isCompleted();
        } finally {
            executor.shutdown();
        }
    }

    @Test
    void workFinishedAfterTheCloseFails() throws Exception {
        CountDownLatch proceed = new CountDownLatch(1);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            CompletableFuture<String> work =
                    loop.callIn(
                            executor,
                            () -> {
                                LoopThread.await(proceed);
                                return "too late";
                            });
            loop.close();
            proceed.countDown();
            assertThatThrownBy(() -> work.get(60, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(RejectedExecutionException.class);
        } finally {
            executor.shutdown();
        }
    }

    @Test
    void runUntilReturnsTheValueOfTheFuture() throws Exception {
        CompletableFuture<String> future = new CompletableFuture<>();
        loop.callSoon(() -> future.complete("from a task"));
        assertThat(loop.runUntil(future)).isEqualTo("from a task");
        assertThat(loop.runUntil(CompletableFuture.completedFuture("before"))).isEqualTo("before");
        assertThatThrownBy(
                        () -> loop.runUntil(CompletableFuture.failedFuture(new IOException("x"))))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IOException.class);
        CompletableFuture<String> cancelled = new CompletableFuture<>();
        cancelled.cancel(false);
        assertThatThrownBy(() -> loop.runUntil(cancelled))
                .isInstanceOf(CancellationException.class);
    }

    @Test
    void futureCompletedByAnotherThreadEndsTheWait() throws Exception {
        CompletableFuture<String> future = new CompletableFuture<>();
        Thread other = new Thread(() -> future.complete("from afar"));
        loop.callSoon(other::start);
        assertThat(loop.runUntil(future)).isEqualTo("from afar");
        other.join();
    }

    @Test
    void runUntilFailsIfStoppedFirst() {
        loop.callSoon(loop::stop);
        assertThatThrownBy(() -> loop.runUntil(new CompletableFuture<>()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ended before the future was done");
    }

    @Test
    void runUntilIdleEndsAfterTheLastTimerAndTask() throws IOException {
        loop.runUntilIdle();
        loop.callSoon(() -> loop.callLater(Duration.ofMillis(2), this::more));
        loop.runUntilIdle();
        assertThat(calls).containsExactly("timer", "task");
    }

    private void more() {
        calls.add("timer");
        loop.callSoon(() -> calls.add("task"));
    }

    @Test
    void executorWithoutThreadsLeavesTheLoopIdle() throws IOException {
        OutOfMemoryError noThread = new OutOfMemoryError("unable to create native thread");
        Executor failing =
                task -> {
                    throw noThread;
                };
        assertThatThrownBy(() -> loop.callIn(failing, () -> 1)).isSameAs(noThread);
        loop.runUntilIdle();
    }

    @Test
    void interruptedExceptionOfWorkSetsTheInterrupt() throws IOException {
        CompletableFuture<Object> work =
                loop.submit(
                        () -> {
                            throw new InterruptedException("told");
                        });
        loop.runOnce(0);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(work).isCompletedExceptionally();
    }

    @Test
    void futuresFailedByCloseRunDependentsOutsideTheLoop() {
        List<Boolean> inLoop = new ArrayList<>();
        CompletableFuture<Boolean> waiting =
                loop.submit(() -> true).whenComplete((value, error) -> inLoop.add(loop.inLoop()));
        loop.close();
        assertThat(waiting).isCompletedExceptionally();
        assertThat(inLoop).containsExactly(false);
    }

    @Test
    void cancellingDroppedWorkLeavesTheLoopIdle() throws IOException {
        CompletableFuture<Integer> dropped = loop.callIn(task -> {}, () -> 1);
        dropped.cancel(false);
        loop.runUntilIdle();
        CompletableFuture<Integer> failed = loop.callIn(task -> {}, () -> 1);
        loop.callSoon(() -> failed.completeExceptionally(new IOException("given up")));
        loop.runUntilIdle();
        assertThat(failed).isCompletedExceptionally();
    }

    @Test
    void cancelByAnotherThreadWakesAnOtherwiseIdleLoop() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        CountDownLatch proceed = new CountDownLatch(1);
        executor.execute(
                () -> {
                    try {
                        proceed.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        CompletableFuture<Integer> queued = loop.callIn(executor, () -> 1);
        executor.shutdownNow();
        Thread canceller =
                new Thread(
                        () -> {
                            LoopThread.await(proceed);
                            queued.cancel(false);
                        });
        canceller.start();
        loop.beforePoll(proceed::countDown);
        loop.runUntilIdle();
        canceller.join();
        assertThat(queued).isCancelled();
    }

    @Test
    void workCancelledWhileRunningIsCountedOnce() throws IOException {
        List<Runnable> lent = new ArrayList<>();
        CompletableFuture<Integer> cancelled = loop.callIn(lent::add, () -> 1);
        CompletableFuture<Integer> kept = loop.callIn(lent::add, () -> 2);
        cancelled.cancel(false);
        lent.get(0).run();
        loop.callSoon(lent.get(1)::run);
        loop.runUntilIdle();
        assertThat(kept).isCompletedWithValue(2);
    }

    @Test
    void waitForPendingFutureOnTheLoopsThreadIsRejected() throws IOException {
        List<Throwable> refusals = new ArrayList<>();
        loop.callSoon(
                () -> {
                    CompletableFuture<String> pending = loop.submit(() -> "done");
                    refusals.add(catchThrowable(pending::join));
                    refusals.add(catchThrowable(pending::get));
                    refusals.add(catchThrowable(() -> pending.get(1, TimeUnit.HOURS)));
                    refusals.add(catchThrowable(() -> pending.thenApply(String::length).join()));
                    refusals.add(catchThrowable(() -> pending.copy().get()));
                    refusals.add(catchThrowable(() -> loop.callIn(Runnable::run, () -> 1).join()));
                    assertThatThrownBy(() -> pending.get(0, TimeUnit.SECONDS))
                            .isInstanceOf(TimeoutException.class);
                    assertThat(pending.getNow("not yet")).isEqualTo("not yet");
                    var unused = pending.thenAccept(value -> calls.add(pending.join()));
                });
        loop.runUntilIdle();
        assertThat(refusals)
                .hasSize(6)
                .allSatisfy(
                        refusal ->
                                assertThat(refusal)
                                        .isInstanceOf(IllegalStateException.class)
                                        .hasMessageContaining("uloop-")
                                        .hasMessageContaining("thenAccept"));
        assertThat(calls).containsExactly("done");
    }

    @Test
    void threadOfAnotherLoopMayWaitForAFuture() throws Exception {
        Uloop other = build(provider);
        closing(new LoopThread(other));
        loop.callSoon(() -> calls.add(other.submit(() -> "done").join()));
        loop.runOnce(0);
        assertThat(calls).containsExactly("done");
    }
}
