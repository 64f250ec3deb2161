package io.uloop.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.LoopTask;
import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(UloopExtension.class)
@Timeout(300)
class FakeClockTest {
    private final List<Object> seen = new ArrayList<>();
    private Uloop loop;
    private FakeClock clock;

    @BeforeEach
    void prepare(Uloop ofTest, FakeClock ofLoop) {
        loop = ofTest;
        clock = ofLoop;
    }

    @EachBackend
    void timerIsCalledWhenItsTimeHasCome() throws IOException {
        loop.callLater(Duration.ofHours(1), () -> seen.add("called"));
        clock.advance(Duration.ofHours(1).minusNanos(1));
        assertThat(seen).isEmpty();
        clock.advance(Duration.ofNanos(1));
        assertThat(seen).containsExactly("called");
    }

    @Test
    void everyCallOfARepeatingTimerIsMadeAtItsTime() throws IOException {
        long start = loop.now();
        loop.callEvery(
                Duration.ofSeconds(1),
                () -> seen.add(TimeUnit.NANOSECONDS.toSeconds(loop.now() - start)));
        clock.advance(Duration.ofSeconds(3));
        assertThat(seen).containsExactly(1L, 2L, 3L);
    }

    @Test
    void timersStartedByTimersAreCalledOnTheWay() throws IOException {
        LoopTask second = () -> seen.add("second");
        loop.callLater(
                Duration.ofSeconds(5),
                () -> {
                    seen.add("first");
                    loop.callLater(Duration.ofSeconds(5), second);
                });
        clock.advance(Duration.ofSeconds(10));
        assertThat(seen).containsExactly("first", "second");
    }

    @Test
    void wallClockMovesToo() throws IOException {
        Instant start = clock.instant();
        assertThat(start).isEqualTo("2000-01-01T00:00:00Z");
        loop.callAt(start.plusSeconds(90), () -> seen.add(clock.instant()));
        clock.advance(Duration.ofSeconds(89));
        assertThat(seen).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        assertThat(seen).containsExactly(start.plusSeconds(90));
    }

    @Test
    void zeroRunsWhatIsQueuedAndReady(LoopScene scene) throws IOException {
        Descriptors.Pipe pipe = scene.pipe();
        loop.add(pipe.readEnd(), UEvent.IN, (fd, events) -> seen.add(scene.read(fd)));
        scene.write(pipe.writeEnd(), "x");
        loop.callSoon(() -> loop.callSoon(() -> seen.add("task")));
        clock.advance(Duration.ZERO);
        assertThat(seen).containsExactlyInAnyOrder("task", "x");
    }

    @Test
    void timeStandsStillWhileTheLoopWaits() throws IOException {
        long start = loop.now();
        loop.runOnce(TimeUnit.MILLISECONDS.toNanos(1));
        assertThat(loop.now()).isEqualTo(start);
        assertThat(loop.metrics().idleNanos()).isZero();
    }

    @Test
    void negativeTimeIsRefused() {
        assertThatThrownBy(() -> clock.advance(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a clock cannot go back by PT1S");
    }

    @Test
    void busyLoopIsReported() {
        LoopTask[] again = new LoopTask[1];
        again[0] = () -> loop.callSoon(again[0]);
        loop.callSoon(again[0]);
        assertThatThrownBy(() -> clock.advance(Duration.ofSeconds(1)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("did not want to wait in 10000 turns");
    }

    @Test
    void callbackCannotMoveTheClock(LoopScene scene) throws IOException {
        loop.callSoon(() -> clock.advance(Duration.ofSeconds(1)));
        loop.runOnce(0);
        assertThat(scene.takeFailures()).singleElement().isInstanceOf(IllegalStateException.class);
    }
}
