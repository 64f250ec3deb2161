package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.UEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests that one turn makes progress. */
class RunOnceTest extends EachBackend {
    private final List<String> calls = new ArrayList<>();

    @Test
    void oneTurnCallsTheTimerThatEndsItsWait() throws IOException {
        loop.callLater(Duration.ofMillis(5), () -> calls.add("timer"));
        assertThat(loop.runOnce(-1)).isZero();
        assertThat(calls).containsExactly("timer");
    }

    @Test
    void oneTurnCallsTheTaskThatEndsItsWait() throws Exception {
        Thread other =
                new Thread(
                        () -> {
                            while (!loop.toString().contains("running in")) {
                                Thread.onSpinWait();
                            }
                            loop.execute(() -> calls.add("task"));
                        });
        other.start();
        while (calls.isEmpty()) {
            loop.runOnce(-1); // a second turn only if the task came before the wait
        }
        other.join();
        assertThat(calls).containsExactly("task");
    }

    @Test
    void callOfATimerAfterTheWaitSeesTheTimeAndPrecedesTheHook() throws IOException {
        long due = loop.now() + TimeUnit.MILLISECONDS.toNanos(3);
        loop.callLater(
                Duration.ofMillis(3), () -> calls.add(loop.now() - due >= 0 ? "timer" : "early"));
        loop.afterPoll(() -> calls.add("hook"));
        loop.runOnce(-1);
        assertThat(calls).containsExactly("timer", "hook");
        assertThat(loop.metrics().timerCalls()).isEqualTo(1);
    }

    @Test
    void turnThatHasCalledSomethingLeavesTheRestToTheNext() throws IOException {
        loop.callSoon(
                () -> {
                    calls.add("first");
                    loop.callSoon(() -> calls.add("second"));
                });
        loop.runOnce(-1);
        assertThat(calls).containsExactly("first");
        loop.runOnce(-1);
        assertThat(calls).containsExactly("first", "second");
    }

    @Test
    void turnWithAnEventLeavesTheDueTimerToTheNext() throws IOException {
        int readEnd = readablePipe();
        loop.add(readEnd, UEvent.IN, (fd, events) -> calls.add("event"));
        loop.beforePoll(
                () -> {
                    if (calls.isEmpty()) {
                        loop.callLater(Duration.ZERO, () -> calls.add("timer"));
                    }
                });
        assertThat(loop.runOnce(-1)).isEqualTo(1);
        assertThat(calls).containsExactly("event");
        loop.remove(readEnd);
        loop.runOnce(0);
        assertThat(calls).containsExactly("event", "timer");
    }

    @Test
    void timeoutEndsATurnWithoutProgress() throws IOException {
        loop.callLater(Duration.ofHours(1), () -> calls.add("timer"));
        assertThat(loop.runOnce(TimeUnit.MILLISECONDS.toNanos(2))).isZero();
        assertThat(calls).isEmpty();
    }

    @Test
    void cancelledCallIsNotMade() throws IOException {
        Handle cancelled = loop.callSoon(() -> calls.add("cancelled"));
        Handle[] next = new Handle[1];
        loop.callSoon(() -> next[0].close());
        next[0] = loop.callSoon(() -> calls.add("cancelled by a call"));
        loop.callSoon(() -> calls.add("made"));
        cancelled.close();
        cancelled.close();
        loop.runUntilIdle();
        assertThat(calls).containsExactly("made");
        next[0].close();
        loop.close();
        cancelled.close();
    }

    @Test
    void failedCallIsReportedWithItsTask() throws IOException {
        LoopTask failing =
                () -> {
                    throw new IOException("expected");
                };
        FailedCallback[] failed = new FailedCallback[1];
        try (Uloop observed =
                Uloop.builder()
                        .poller(provider)
                        .errorHandler((where, callback, error) -> failed[0] = callback)
                        .build()) {
            observed.callSoon(failing);
            observed.runOnce(0);
        }
        assertThat(failed[0].callback()).isSameAs(failing);
        assertThat(failed[0].kind()).isEqualTo("task");
    }
}
