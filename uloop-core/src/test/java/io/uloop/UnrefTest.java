package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests what keeps an idle run waiting. */
class UnrefTest extends EachBackend {
    private final List<String> calls = new ArrayList<>();

    @Test
    void unreferencedTimersAndDescriptorsLetAnIdleRunEnd() throws IOException {
        loop.callEvery(Duration.ofHours(1), () -> calls.add("timer")).unref();
        loop.callAt(Instant.now().plusSeconds(3600), () -> calls.add("wall")).unref();
        loop.add(highPipe().readEnd(), UEvent.IN, (fd, events) -> calls.add("event")).unref();
        loop.runUntilIdle();
        assertThat(calls).isEmpty();
        assertThat(loop.metrics().timers()).isEqualTo(2);
        assertThat(loop.metrics().descriptors()).isEqualTo(1);
    }

    @Test
    void unreferencedCallbacksAreCalledWhileTheLoopRuns() throws IOException {
        int readEnd = readablePipe();
        loop.add(
                        readEnd,
                        UEvent.IN,
                        (fd, events) -> {
                            calls.add("event");
                            loop.remove(fd);
                        })
                .unref();
        loop.callLater(Duration.ZERO, () -> calls.add("unref")).unref();
        Timer[] waiting = new Timer[1];
        waiting[0] =
                loop.callEvery(
                        Duration.ofMillis(1),
                        () -> {
                            if (calls.size() == 2) {
                                waiting[0].close();
                            }
                        });
        loop.runUntilIdle();
        assertThat(calls).containsExactlyInAnyOrder("unref", "event");
    }

    @Test
    void lastReferencedTimerEndsTheRun() throws IOException {
        Timer background = loop.callEvery(Duration.ofMillis(1), () -> calls.add("background"));
        background.unref();
        loop.callLater(Duration.ofMillis(5), () -> calls.add("last"));
        loop.runUntilIdle();
        assertThat(calls).containsOnlyOnce("last").contains("background");
        assertThat(background.isActive()).isTrue();
    }

    @Test
    void unrefInACallbackEndsTheWait() throws IOException {
        Timer hourly = loop.callEvery(Duration.ofHours(1), () -> {});
        Registration silent = loop.add(highPipe().readEnd(), UEvent.IN, (fd, events) -> {});
        loop.callLater(
                Duration.ofMillis(1),
                () -> {
                    hourly.unref();
                    silent.unref();
                });
        loop.runUntilIdle();
        assertThat(hourly.isActive()).isTrue();
        assertThat(silent.isActive()).isTrue();
    }

    @Test
    void refAndUnrefAreIdempotentAndKept() throws IOException {
        Descriptors.Pipe ends = highPipe();
        Registration registration = loop.add(ends.readEnd(), UEvent.IN, (fd, events) -> {});
        Timer timer = loop.callLater(Duration.ofHours(1), () -> {});
        assertThat(registration.hasRef()).isTrue();
        assertThat(timer.hasRef()).isTrue();
        registration.unref().unref();
        timer.unref().unref();
        assertThat(registration.hasRef()).isFalse();
        assertThat(timer.hasRef()).isFalse();
        loop.runUntilIdle();
        registration.ref().ref();
        timer.ref().ref();
        loop.callLater(Duration.ZERO, loop::stop);
        loop.runUntilIdle(); // until the stop
        registration.close();
        timer.unref().close();
        timer.ref().unref();
        registration.unref();
        assertThat(registration.hasRef()).isFalse();
        loop.runUntilIdle();
        timer.ref().reschedule(Duration.ofMillis(1));
        loop.runUntilIdle();
        assertThat(timer.isActive()).isFalse();
    }

    @Test
    void countsSurviveEveryEndOfARegistration() throws IOException {
        for (int i = 0; i < 3; i++) {
            Descriptors.Pipe ends = highPipe();
            loop.add(ends.readEnd(), UEvent.IN, (fd, events) -> {}).unref();
            if (i == 0) {
                loop.remove(ends.readEnd());
            } else if (i == 1) {
                close(ends.readEnd());
                reopen(ends.readEnd());
                loop.add(ends.readEnd(), UEvent.IN, (fd, events) -> loop.remove(fd));
            }
        }
        loop.runUntilIdle();
        assertThat(loop.metrics().descriptors()).isEqualTo(1);
    }
}
