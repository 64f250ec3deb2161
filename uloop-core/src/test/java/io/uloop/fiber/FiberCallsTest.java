package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.Descriptors;
import io.uloop.poller.Errno;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.ForwardingProvider;
import io.uloop.poller.tck.Interceptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;

/** Tests which calls of the poller and of the system the operations of fibers make. */
class FiberCallsTest extends EachFiber {
    private static final int MESSAGES = 50;

    private final Map<String, Integer> calls = new ConcurrentHashMap<>();

    /** The calls of accept that still fail, of EMFILE or for lack of memory, and those of add. */
    private final AtomicInteger failingAccepts = new AtomicInteger();

    private final AtomicInteger exhaustedAccepts = new AtomicInteger();

    private final AtomicInteger failingAdds = new AtomicInteger();

    @BeforeEach
    void countCalls() throws IOException {
        Interceptor counter = this::count;
        loop =
                build(
                        new ForwardingProvider(provider) {
                            private final Descriptors descriptors =
                                    counter.before(Descriptors.class, super.descriptors());

                            @Override
                            public Descriptors descriptors() {
                                return descriptors;
                            }

                            @Override
                            public Poller open() throws PollerException {
                                return counter.before(Poller.class, super.open());
                            }
                        });
        fibers = Fibers.on(loop, mode);
    }

    private Object count(Interceptor.Call call) throws Throwable {
        String name = call.name();
        if (call.arguments().length > 0 && call.arguments()[0] instanceof Integer fd) {
            calls.merge(name + fd, 1, Integer::sum);
        }
        if (name.equals("accept") && failingAccepts.getAndUpdate(FiberCallsTest::less) > 0) {
            throw new PollerException("accept", "", call.number(0), Errno.EMFILE, "none left");
        }
        if (name.equals("accept") && exhaustedAccepts.getAndUpdate(FiberCallsTest::less) > 0) {
            throw new OutOfMemoryError("of the test");
        }
        if (name.equals("add") && failingAdds.getAndUpdate(FiberCallsTest::less) > 0) {
            throw new PollerException("epoll_ctl", "ADD", call.number(0), Errno.ENOSPC, "full");
        }
        return call.proceed();
    }

    private static int less(int count) {
        return Math.max(0, count - 1);
    }

    private int calls(String name, int fd) {
        return calls.getOrDefault(name + fd, 0);
    }

    private boolean hasEdges() {
        return (fibers.scheduler().interest(UEvent.IN) & UEvent.EDGE) != 0;
    }

    @EachMode
    void operationsThatNeedNotWaitCallNoPoller() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    int fd = pair.server().fd();
                    for (int i = 0; i < MESSAGES; i++) {
                        pair.client().write(bytes("x"));
                        awaitReadable(fd);
                        assertThat(pair.server().read(ByteBuffer.allocate(8))).isEqualTo(1);
                        pair.server().write(bytes("y"));
                        pair.server().readiness().signal(Readiness.READ); // as if it was not short
                    }
                    assertThat(calls("add", fd)).isZero();
                    assertThat(calls("modify", fd)).isZero();
                });
    }

    /** Waits for bytes with another poller, so that the read finds them. */
    private void awaitReadable(int fd) throws IOException {
        try (Poller poller = provider.open()) {
            poller.add(fd, UEvent.IN);
            assertThat(poller.poll(DEADLINE.toNanos(), (ready, events) -> {})).isEqualTo(1);
            poller.remove(fd);
        }
    }

    @EachMode
    void waitsRegisterOnceWhereTheBackendHasEdges() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    int fd = pair.server().fd();
                    Fiber<?> echo = fibers.start("echo", () -> echo(pair.server()));
                    ByteBuffer answer = ByteBuffer.allocate(1);
                    for (int i = 0; i < MESSAGES; i++) {
                        pair.client().write(bytes("x"));
                        pair.client().readFully(answer.clear());
                    }
                    assertThat(calls("add", fd)).isEqualTo(1);
                    if (hasEdges()) {
                        assertThat(calls("modify", fd)).isZero();
                    }
                    if (hasEdges() && mode == FiberMode.LOOP) {
                        // The first read finds nothing. Later ones follow an event, and a short
                        // read is not followed by another one.
                        assertThat(calls("read", fd)).isBetween(MESSAGES, MESSAGES + 1);
                    }
                    pair.client().close();
                    echo.join();
                });
    }

    private static void echo(FiberSocket socket) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(64);
        while (socket.read(buffer.clear()) >= 0) {
            socket.write(buffer.flip());
        }
    }

    @EachMode
    void acceptWaitsWhileTheProcessHasNoDescriptors() throws Exception {
        run(
                () -> {
                    FiberListener listener = listener(Family.TCP);
                    failingAccepts.set(2);
                    Fiber<FiberSocket> accepting = fibers.start("accept", listener::accept);
                    closing(FiberSocket.connect(fibers, listener.getLocalAddress()));
                    closing(accepting.join());
                    assertThat(calls("accept", listener.fd())).isGreaterThanOrEqualTo(3);
                });
    }

    @EachMode
    void acceptOutlastsAConnectionWithoutMemory() throws Exception {
        run(
                () -> {
                    FiberListener listener = listener(Family.TCP);
                    exhaustedAccepts.set(1);
                    Fiber<FiberSocket> accepting = fibers.start("accept", listener::accept);
                    closing(FiberSocket.connect(fibers, listener.getLocalAddress()));
                    closing(accepting.join());
                });
    }

    @EachMode
    void registrationThatFailsEndsOneWaitAndIsRepeatedByTheOther() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    fill(pair.server());
                    failingAdds.set(1);
                    Fiber<?> reader =
                            fibers.start(
                                    "reader", () -> pair.server().read(ByteBuffer.allocate(1)));
                    assertThatThrownBy(reader::join).hasMessageContaining("ENOSPC");
                    Fiber<?> again =
                            fibers.start("again", () -> pair.server().read(ByteBuffer.allocate(1)));
                    pair.client().write(bytes("x"));
                    assertThat(again.join()).isEqualTo(1);
                });
        failures.clear();
    }
}
