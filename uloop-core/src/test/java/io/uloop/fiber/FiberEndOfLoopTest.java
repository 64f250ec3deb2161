package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.ClosedLoopException;
import java.io.IOException;
import java.nio.channels.Channel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/** What fibers do when their loop is closed. */
class FiberEndOfLoopTest extends EachFiber {
    @EachMode
    void channelClosedDuringTheLastTurnIsClosed() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        run(
                () -> {
                    Pair pair = pair();
                    Fiber<?> reader = fibers.start("reader", () -> pair.client().read(bytes(" ")));
                    awaitState(reader, FiberState.WAITING_FOR_DESCRIPTOR);
                    loop.execute(() -> closeLoopAndThen(pair.client(), failure));
                });
        assertThat(failure.get()).isNull();
    }

    /** The descriptor must be closed, which each test checks. */
    private void closeLoopAndThen(Channel channel, AtomicReference<Throwable> failure) {
        loop.close();
        Thread other =
                new Thread(
                        () -> {
                            try {
                                channel.close();
                            } catch (Throwable e) { // for the test's thread
                                failure.set(e);
                            }
                        });
        other.start();
        try {
            other.join();
        } catch (InterruptedException e) {
            failure.set(e);
        }
    }

    @EachMode
    void timeoutAfterTheEndFails() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Fiber<?> late =
                fibers.start(
                        "late",
                        () -> {
                            try {
                                fibers.sleep(Duration.ofDays(1));
                            } catch (ClosedLoopException | InterruptedException e) {
                                failure.set(callAfterTheEnd());
                            }
                        });
        loop.callLater(Duration.ofMillis(1), loop::close);
        loop.run();
        late.thread().join();
        assertThat(failure.get()).isInstanceOf(ClosedLoopException.class);
    }

    private Throwable callAfterTheEnd() {
        try {
            return fibers.callWithin(
                    Duration.ofMillis(1), () -> new IOException("the time has no limit"));
        } catch (Exception e) {
            return e;
        }
    }

    @EachMode
    void waitAfterTheEndFails() throws Exception {
        FiberListener listener = listener(Family.TCP);
        loop.close();
        assertThatThrownBy(listener::accept).isInstanceOf(ClosedLoopException.class);
        listener.close();
    }
}
