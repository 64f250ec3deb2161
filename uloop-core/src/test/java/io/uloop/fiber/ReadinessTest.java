package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.ForwardingProvider;
import io.uloop.poller.tck.Interceptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;

class ReadinessTest extends EachFiber {
    /** The interests that the poller has been given since the registrations. */
    private final List<Integer> interests = new CopyOnWriteArrayList<>();

    @BeforeEach
    void recordInterests() throws IOException {
        Interceptor recorder =
                call -> {
                    if (call.name().equals("modify")) {
                        interests.add(call.number(1));
                    }
                    return call.proceed();
                };
        loop =
                build(
                        new ForwardingProvider(provider) {
                            @Override
                            public Poller open() throws PollerException {
                                return recorder.before(Poller.class, super.open());
                            }
                        });
        fibers = Fibers.on(loop, mode);
    }

    /** The thread of the reader may get no CPU time, and the loop must not spin until it does. */
    @EachMode
    void slowReaderDoesNotMakeTheLoopSpin() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    ByteBuffer target = ByteBuffer.allocate(1);
                    Fiber<?> reader = fibers.start("reader", () -> pair.server().read(target));
                    awaitState(reader, FiberState.WAITING_FOR_DESCRIPTOR);
                    interests.clear();
                    loop.execute(() -> value(() -> reportUntilItRests(pair.server())));
                    await(() -> !interests.isEmpty() || hasEdges());
                    pair.client().write(bytes("x"));
                    reader.join();
                    assertThat(target.position()).isEqualTo(1);
                });
    }

    private boolean hasEdges() {
        return (fibers.scheduler().interest(UEvent.IN) & UEvent.EDGE) != 0;
    }

    /** Reports readiness to a reader that does not run meanwhile, at least in mode loop. */
    private boolean reportUntilItRests(FiberSocket socket) throws IOException {
        long start = System.nanoTime();
        while (!hasEdges() && !interests.contains(UEvent.NONE)) {
            assertThat(System.nanoTime() - start).isLessThan(DEADLINE.toNanos());
            socket.readiness().processEvent(socket.fd(), UEvent.IN);
        }
        return true;
    }
}
