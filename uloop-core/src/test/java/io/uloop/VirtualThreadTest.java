package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.internal.LoopAccess;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** Tests loops run by virtual threads. */
class VirtualThreadTest extends EachBackend {
    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void runOnVirtualThreadWarnsOncePerLoop() throws Exception {
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            onVirtualThread(() -> loop.runOnce(0));
            onVirtualThread(() -> loop.runUntilIdle());
            assertThat(warnings(log))
                    .singleElement()
                    .asString()
                    .contains("uloop-", "virtual thread", "platform thread");
            onVirtualThread(() -> build(provider).runOnce(0));
            assertThat(warnings(log)).hasSize(2);
        }
    }

    @Test
    void runOnPlatformThreadDoesNotWarn() throws IOException {
        try (CapturedLog log = new CapturedLog("io.uloop")) {
            loop.runOnce(0);
            assertThat(warnings(log)).isEmpty();
        }
    }

    private static List<String> warnings(CapturedLog log) {
        return log.messages().stream().filter(line -> line.contains("virtual thread")).toList();
    }

    /** The threads that wait occupy all carriers, so the holder has to get one of them back. */
    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void holderOfTheLoopGetsACarrierAlthoughManyWait() throws Exception {
        LoopAccess inside = LoopAccess.of(loop);
        List<ThrowingRunnable> uses =
                List.of(
                        () -> {
                            assertThat(inside.hold()).isTrue();
                            inside.letGo();
                        },
                        this::runOnceUnlessRunning);
        for (ThrowingRunnable use : uses) {
            int carriers = Runtime.getRuntime().availableProcessors();
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch change = new CountDownLatch(1);
            CountDownLatch waiting = new CountDownLatch(carriers);
            CountDownLatch ended = new CountDownLatch(3 * carriers + 1);
            startVirtualThread(
                    () -> {
                        assertThat(inside.hold()).isTrue();
                        held.countDown();
                        change.await();
                        inside.letGo();
                        ended.countDown();
                    });
            held.await();
            for (int i = 0; i < 3 * carriers; i++) {
                startVirtualThread(
                        () -> {
                            waiting.countDown();
                            use.run();
                            ended.countDown();
                        });
            }
            waiting.await();
            change.countDown();
            assertThat(ended.await(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    private void runOnceUnlessRunning() throws IOException {
        try {
            loop.runOnce(0);
        } catch (IllegalStateException e) {
            assertThat(e).hasMessageContaining("already running");
        }
    }

    private static Thread startVirtualThread(ThrowingRunnable action) throws Exception {
        Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
        Runnable body =
                () -> {
                    try {
                        action.run();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                };
        return (Thread) start.invoke(null, body);
    }

    private static void onVirtualThread(ThrowingRunnable action) throws Exception {
        Throwable[] thrown = new Throwable[1];
        Thread thread =
                startVirtualThread(
                        () -> {
                            try {
                                action.run();
                            } catch (Throwable e) {
                                thrown[0] = e;
                            }
                        });
        thread.join(TimeUnit.SECONDS.toMillis(20));
        assertThat(thread.isAlive()).isFalse();
        assertThat(thrown[0]).isNull();
    }
}
