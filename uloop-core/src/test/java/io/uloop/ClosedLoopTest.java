package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uloop.internal.LoopAccess;
import io.uloop.poller.UEvent;
import io.uloop.process.Exits;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Tests callbacks that use a closed loop. */
class ClosedLoopTest extends EachBackend {
    @Test
    void callbackOnConcurrentlyClosedLoopIsNotAnError() throws Exception {
        int fd = readablePipe();
        List<ThrowingRunnable> uses =
                List.of(
                        () -> loop.callLater(Duration.ofSeconds(1), () -> {}),
                        () -> loop.callSoon(() -> {}),
                        () -> loop.execute(() -> {}),
                        () -> loop.submit(() -> 1).isDone(),
                        () -> loop.modify(fd, UEvent.IN),
                        () -> Exits.on(loop, ProcessHandle.of(1).orElseThrow(), () -> {}));
        for (ThrowingRunnable use : uses) {
            try (CapturedLog log = new CapturedLog("io.uloop")) {
                loop = build(provider);
                loop.add(
                        fd,
                        UEvent.IN,
                        (ready, events) -> {
                            Thread closer = new Thread(loop::close);
                            closer.start();
                            closer.join();
                            use.run();
                        });
                loop.run();
                assertThat(log.messages()).isEmpty();
                assertThat(loop.metrics().errors()).isZero();
            }
        }
    }

    /** The run may have ended by that close, so what cleans up after it comes at the same time. */
    @Test
    void cleanupWhileAnotherThreadEndsTheLoopDoesNothing() throws Exception {
        LoopTask tick = () -> {};
        Timer timer = loop.callLater(Duration.ofSeconds(1), tick);
        Timer periodic = loop.addPeriodic(Duration.ofSeconds(1), tick);
        Handle hook = loop.beforePoll(tick);
        Registration registration = loop.add(readablePipe(), UEvent.IN, (fd, events) -> {});
        CountDownLatch ending = new CountDownLatch(1);
        CountDownLatch cleaned = new CountDownLatch(1);
        LoopAccess.of(loop)
                .addEnd(
                        caller -> {
                            ending.countDown();
                            cleaned.await();
                        });
        var closed =
                inBackground(
                        () -> {
                            loop.close();
                            return true;
                        });
        ending.await();
        try {
            timer.close();
            periodic.close();
            hook.close();
            registration.close();
            assertThat(loop.removePeriodic(tick)).isFalse();
            assertThatExceptionOfType(ClosedLoopException.class)
                    .isThrownBy(() -> loop.callLater(Duration.ofSeconds(1), tick));
            assertThatExceptionOfType(ClosedLoopException.class).isThrownBy(loop::checkThread);
        } finally {
            cleaned.countDown();
        }
        assertThat(result(closed)).isTrue();
    }
}
