package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.util.List;
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

    private static void onVirtualThread(ThrowingRunnable action) throws Exception {
        Throwable[] thrown = new Throwable[1];
        Runnable body =
                () -> {
                    try {
                        action.run();
                    } catch (Throwable e) {
                        thrown[0] = e;
                    }
                };
        Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
        Thread thread = (Thread) start.invoke(null, body);
        thread.join(TimeUnit.SECONDS.toMillis(20));
        assertThat(thread.isAlive()).isFalse();
        assertThat(thrown[0]).isNull();
    }
}
