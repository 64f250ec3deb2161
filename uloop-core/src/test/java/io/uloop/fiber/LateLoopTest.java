package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.Handle;
import io.uloop.LoopTask;
import io.uloop.Uloop;
import io.uloop.connection.TlsOptions;
import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeEach;

/** What came in time counts, even if a callback kept the loop from looking. */
class LateLoopTest extends EachFiber {
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private final AtomicLong clock = new AtomicLong();

    @BeforeEach
    void useClockOfTheTest() throws IOException {
        loop.close();
        loop =
                closing(
                        Uloop.builder()
                                .poller(provider)
                                .clock(clock::get)
                                .errorHandler((where, source, error) -> failures.add(error))
                                .build());
        openFibers();
    }

    /** Once a fiber waits, makes an event and lets the limit expire before the loop polls again. */
    private void comeInTime(Fiber<?> waiting, LoopTask event) {
        loop.post(
                () -> {
                    if (waiting.info().state() == FiberState.WAITING_FOR_DESCRIPTOR) {
                        loop.post(() -> lateAfterPoll(event)); // after what the fiber has posted
                    } else {
                        comeInTime(waiting, event);
                    }
                });
    }

    /** Timers follow before the next poll. */
    private void lateAfterPoll(LoopTask event) {
        Handle[] hook = new Handle[1];
        hook[0] =
                loop.afterPoll(
                        () -> {
                            hook[0].close();
                            event.run();
                            clock.addAndGet(LIMIT.multipliedBy(3).toNanos());
                        });
    }

    @EachMode
    void awaitReadySeesTheEvent() throws Exception {
        Descriptors.Pipe pipe = pipe();
        Fiber<Integer> waiting =
                fibers.start("waiting", () -> fibers.awaitReady(pipe.readEnd(), UEvent.IN, LIMIT));
        comeInTime(waiting, () -> write(pipe.writeEnd(), "x"));
        runFibers();
        assertThat(waiting.join() & UEvent.IN).isEqualTo(UEvent.IN);
    }

    @EachMode
    void callWithinReturnsTheResult() throws Exception {
        Pair pair = pair();
        ByteBuffer target = ByteBuffer.allocate(3);
        Fiber<?> waiting =
                fibers.start(
                        "waiting",
                        () ->
                                fibers.callWithin(
                                        LIMIT,
                                        () -> {
                                            pair.server().readFully(target);
                                            return true;
                                        }));
        comeInTime(waiting, () -> pair.client().channel().write(bytes("abc")));
        runFibers();
        assertThat(waiting.join()).isEqualTo(true);
        assertThat(text(target)).isEqualTo("abc");
    }

    /** It fails because of the bytes, not because of the time. */
    @EachMode
    void handshakeReadsTheBytes() throws Exception {
        Pair pair = pair();
        TlsOptions options =
                TlsOptions.server(SSLContext.getDefault()).handshakeTimeout(LIMIT).build();
        Fiber<?> waiting =
                fibers.start("waiting", () -> FiberTls.start(pair.server(), options).close());
        comeInTime(waiting, () -> pair.client().channel().write(bytes("GET / HTTP/1.1\r\n\r\n")));
        runFibers();
        failures.clear();
        assertThatThrownBy(waiting::join).hasCauseInstanceOf(SSLException.class);
    }
}
