package io.uloop.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TimerFdTest extends EachSource {
    private static final Duration SOON = Duration.ofMillis(20);

    private long expirations;
    private int calls;

    private TimerFd open() throws IOException {
        assumeLinux();
        return closing(
                TimerFd.open(
                        loop,
                        count -> {
                            calls++;
                            expirations += count;
                        }));
    }

    @Test
    void expiresOnceAndNeverEarly() throws IOException {
        TimerFd timer = open();
        assertThat(loop.runOnce(0)).isZero();
        long start = System.nanoTime();
        timer.set(SOON, Duration.ZERO);
        runUntil(() -> calls > 0);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SOON.toNanos());
        loop.runOnce(SOON.toNanos());
        assertThat(expirations).isEqualTo(1);
    }

    @Test
    void countsWhatExpiresWhileTheLoopIsBusy() throws IOException {
        TimerFd timer = open();
        timer.set(Duration.ofMillis(1), Duration.ofMillis(2));
        long start = System.nanoTime();
        while (System.nanoTime() - start < SOON.toNanos()) {
            Thread.onSpinWait();
        }
        loop.runOnce(-1);
        assertThat(calls).isEqualTo(1);
        assertThat(expirations).isGreaterThanOrEqualTo(10);
        runUntil(() -> calls > 3);
    }

    @Test
    void setDiscardsUnreportedExpirations() throws IOException {
        TimerFd timer = open();
        timer.set(Duration.ofNanos(1), Duration.ofNanos(1));
        assertThat(loop.runOnce(-1)).isEqualTo(1);
        timer.set(Duration.ofSeconds(Long.MAX_VALUE), Duration.ofSeconds(Long.MAX_VALUE));
        assertThat(loop.runOnce(0)).isZero();
        timer.set(Duration.ofNanos(1), Duration.ofNanos(1));
        assertThat(loop.runOnce(-1)).isEqualTo(1);
        timer.unset();
        assertThat(loop.runOnce(0)).isZero();
        assertThat(calls).isEqualTo(2);
    }

    @Test
    void handlerMayCloseTheTimerAndIsCalledAgainAfterAThrow() throws IOException {
        assumeLinux();
        TimerFd[] timer = new TimerFd[1];
        timer[0] =
                TimerFd.open(
                        loop,
                        count -> {
                            if (++calls < 2) {
                                throw new IOException("once");
                            }
                            timer[0].close();
                        });
        timer[0].set(Duration.ofMillis(1), Duration.ofMillis(1));
        runUntil(() -> calls == 2);
        assertThat(loop.toString()).contains("descriptors=0");
        assertThat(failures).hasSize(1);
        failures.clear();
    }

    @Test
    void invalidCallsAreRejected() throws IOException {
        TimerFd timer = open();
        Duration less = Duration.ofNanos(-1);
        assertThatIllegalArgumentException().isThrownBy(() -> timer.set(Duration.ZERO, SOON));
        assertThatIllegalArgumentException().isThrownBy(() -> timer.set(less, SOON));
        assertThatIllegalArgumentException().isThrownBy(() -> timer.set(SOON, less));
        timer.close();
        timer.close();
        assertThatIllegalStateException().isThrownBy(() -> timer.set(SOON, SOON));
        assertThatIllegalStateException().isThrownBy(timer::unset);
        assertThat(timer.toString()).startsWith("TimerFd[fd=").endsWith(", closed]");
    }

    @Test
    void timerCanBeClosedAfterItsLoop() throws IOException {
        TimerFd timer = open();
        loop.close();
        timer.close();
        assertThatIllegalStateException().isThrownBy(() -> TimerFd.open(loop, count -> {}));
    }

    @Test
    void unsupportedBackendNamesTheAlternative() {
        assertUnsupported(() -> TimerFd.open(loop, count -> {}), "Uloop.callLater");
    }
}
