package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.UEvent;
import io.uloop.process.Exits;
import java.time.Duration;
import java.util.List;
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
}
