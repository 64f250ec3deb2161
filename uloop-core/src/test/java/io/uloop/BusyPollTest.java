package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.UEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests loops that poll without waiting for a while before they wait. */
class BusyPollTest extends EachBackend {
    private static final Duration LONG = Duration.ofHours(1);

    @BeforeEach
    void openBusyLoop() throws IOException {
        openFor(LONG);
    }

    private void openFor(Duration time) throws IOException {
        loop.close();
        loop =
                closing(
                        Uloop.builder()
                                .poller(provider)
                                .busyPoll(time)
                                .spinThreshold(Duration.ofMillis(1))
                                .build());
    }

    private LoopThread busyThread() {
        LoopThread thread = closing(new LoopThread(loop));
        loop.execute(() -> {}); // an activity, after which it polls
        awaitTurns(1000);
        return thread;
    }

    private void awaitTurns(int more) {
        long before = loop.metrics().turns();
        Awaitility.await()
                .atMost(DEADLINE)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> loop.metrics().turns() >= before + more);
    }

    @Test
    void busyPollsCountAsIdleAndNotAsWakeups() throws Exception {
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            LoopThread thread = busyThread();
            LoopMetrics before = loop.metrics();
            awaitTurns(10_000);
            LoopMetrics spent = loop.metrics().since(before);
            thread.close();
            assertThat(spent.load()).isLessThan(0.5);
            assertThat(spent.wakeups()).isZero();
            assertThat(log.messages()).isEmpty();
        }
    }

    @Test
    void eventsTasksAndTimersAreHandled() throws Exception {
        CompletableFuture<Integer> ready = new CompletableFuture<>();
        LoopThread thread = busyThread();
        loop.post(
                () ->
                        loop.add(
                                readablePipe(),
                                UEvent.IN,
                                (fd, events) -> {
                                    ready.complete(fd);
                                    loop.remove(fd);
                                }));
        ready.get(DEADLINE.toNanos(), TimeUnit.NANOSECONDS);
        long start = System.nanoTime();
        CompletableFuture<Long> expired = new CompletableFuture<>();
        loop.execute(
                () ->
                        loop.callLater(
                                Duration.ofMillis(5), () -> expired.complete(System.nanoTime())));
        assertThat(expired.get(DEADLINE.toNanos(), TimeUnit.NANOSECONDS) - start)
                .isGreaterThanOrEqualTo(Duration.ofMillis(5).toNanos());
        thread.close();
    }

    @Test
    void stopEndsTheRun() throws Exception {
        busyThread().close(); // stops and joins
    }

    @Test
    void closeEndsTheRun() throws Exception {
        LoopThread thread = busyThread();
        loop.close();
        thread.close();
        assertThat(loop.isOpen()).isFalse();
    }

    @Test
    void completedFutureEndsTheRun() throws Exception {
        CompletableFuture<String> future = new CompletableFuture<>();
        Thread completer = new Thread(() -> future.complete("done"));
        loop.execute(completer::start);
        assertThat(loop.runUntil(future)).isEqualTo("done");
        completer.join();
    }

    @Test
    void idleRunEnds() throws IOException {
        loop.execute(() -> {});
        loop.runUntilIdle();
        assertThat(loop.metrics().taskCalls()).isOne();
    }

    @Test
    void loopWaitsAfterTheTime() throws Exception {
        openFor(Duration.ofNanos(1));
        LoopThread thread = closing(new LoopThread(loop));
        loop.execute(() -> {});
        AtomicLong turns = new AtomicLong();
        Awaitility.await()
                .during(Duration.ofMillis(20))
                .atMost(DEADLINE)
                .until(
                        () -> {
                            long now = loop.metrics().turns();
                            return turns.getAndSet(now) == now;
                        });
        thread.close();
    }

    @Test
    void negativeTimeIsRejected() {
        assertThatThrownBy(() -> Uloop.builder().busyPoll(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
