package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Tests that a run ends with the last fiber, even if others try to run the loop. */
class FiberRunTest extends EachFiber {
    private final AtomicInteger refused = new AtomicInteger();

    private void runInVain() {
        assertThatIllegalStateException().isThrownBy(fibers::run);
        refused.incrementAndGet();
    }

    @EachMode
    void runRefusedInAFiberDoesNotKeepTheRunFromEnding() throws Exception {
        run(
                () -> {
                    fibers.sleep(Duration.ofMillis(1)); // until the loop runs
                    runInVain();
                    fibers.sleep(Duration.ofMillis(1));
                });
        assertThat(refused).hasValue(1);
    }

    @EachMode
    void runRefusedInACallbackDoesNotKeepTheRunFromEnding() throws Exception {
        CountDownLatch tried = new CountDownLatch(1);
        loop.callLater(
                Duration.ofMillis(1),
                () -> {
                    runInVain();
                    tried.countDown();
                });
        run(tried::await);
        assertThat(refused).hasValue(1);
    }

    @EachMode
    void runRefusedOnAnotherThreadDoesNotKeepTheRunFromEnding() throws Exception {
        run(
                () -> {
                    fibers.sleep(Duration.ofMillis(1)); // until the loop runs
                    Thread other = new Thread(this::runInVain);
                    other.start();
                    while (other.isAlive()) {
                        fibers.sleep(Duration.ofMillis(1));
                    }
                });
        assertThat(refused).hasValue(1);
    }

    @EachMode
    void runsFollowEachOther() throws Exception {
        for (int i = 0; i < 3; i++) {
            run(() -> fibers.sleep(Duration.ofMillis(1)));
        }
        assertThat(fibers.metrics().finished()).isEqualTo(3);
    }
}
