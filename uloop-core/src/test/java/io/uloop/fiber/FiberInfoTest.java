package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** What {@link Fibers#list} tells about fibers that wait. */
class FiberInfoTest extends EachFiber {
    private static final Duration LONG = Duration.ofHours(1);

    @EachMode
    void readerWaitsForInput() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    Fiber<?> reader =
                            fibers.start(
                                    "reader", () -> pair.server().read(ByteBuffer.allocate(1)));
                    awaitState(reader, FiberState.WAITING_FOR_DESCRIPTOR);

                    assertWaitsFor(reader, pair.server().fd(), UEvent.IN);
                    reader.interrupt();
                });
    }

    @EachMode
    void writerWaitsForRoom() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    fill(pair.client());
                    ByteBuffer more = ByteBuffer.allocate(1 << 22);
                    Fiber<?> writer = fibers.start("writer", () -> pair.client().write(more));
                    awaitState(writer, FiberState.WAITING_FOR_DESCRIPTOR);

                    assertWaitsFor(writer, pair.client().fd(), UEvent.OUT);
                    writer.interrupt();
                });
    }

    @EachMode
    void readerAndWriterOfOneSocketDiffer() throws Exception {
        run(
                () -> {
                    FiberSocket socket = pair().client();
                    fill(socket);
                    Fiber<?> reader =
                            fibers.start("reader", () -> socket.read(ByteBuffer.allocate(1)));
                    ByteBuffer more = ByteBuffer.allocate(1 << 22);
                    Fiber<?> writer = fibers.start("writer", () -> socket.write(more));
                    awaitState(reader, FiberState.WAITING_FOR_DESCRIPTOR);
                    awaitState(writer, FiberState.WAITING_FOR_DESCRIPTOR);

                    assertWaitsFor(reader, socket.fd(), UEvent.IN);
                    assertWaitsFor(writer, socket.fd(), UEvent.OUT);
                    reader.interrupt();
                    writer.interrupt();
                });
    }

    @EachMode
    void otherWaitsHaveNoDescriptor() throws Exception {
        run(
                () -> {
                    CountDownLatch latch = new CountDownLatch(1);
                    Fiber<?> sleeper = fibers.start("sleeper", () -> fibers.sleep(LONG));
                    Fiber<?> joiner = fibers.start("joiner", () -> sleeper.join());
                    Fiber<?> blocked = fibers.start("blocked", () -> latch.await());
                    awaitState(sleeper, FiberState.SLEEPING);
                    awaitState(joiner, FiberState.JOINING);
                    awaitState(blocked, FiberState.BLOCKED);

                    for (Fiber<?> each : new Fiber<?>[] {sleeper, joiner, blocked}) {
                        assertWaitsFor(each, Descriptors.NONE, 0);
                    }
                    assertThat(fibers.current().info().state()).isEqualTo(FiberState.RUNNABLE);
                    joiner.interrupt();
                    joiner.thread().join();
                    assertWaitsFor(joiner, Descriptors.NONE, 0);
                    assertThat(joiner.info().state()).isEqualTo(FiberState.ENDED);
                    sleeper.interrupt();
                    latch.countDown();
                });
    }

    private static void assertWaitsFor(Fiber<?> fiber, int fd, int events) {
        FiberInfo info = fiber.info();
        assertThat(info.fd()).as(info.toString()).isEqualTo(fd);
        assertThat(info.events()).as(info.toString()).isEqualTo(events);
    }
}
