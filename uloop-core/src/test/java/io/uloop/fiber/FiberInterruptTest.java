package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.net.UnixListener;
import java.io.InterruptedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Tests that an interrupt ends an operation and neither closes nor loses anything. */
class FiberInterruptTest extends EachFiber {
    /** Interrupts a fiber that waits, and returns how its code ended. */
    private InterruptedIOException interruption(Fiber<?> fiber) throws Exception {
        awaitState(fiber, FiberState.WAITING_FOR_DESCRIPTOR);
        fiber.interrupt();
        Throwable cause = null;
        try {
            fiber.join();
        } catch (java.util.concurrent.ExecutionException e) {
            cause = e.getCause();
        }
        assertThat(cause).isInstanceOf(InterruptedIOException.class);
        assertThat(cause).hasCauseInstanceOf(InterruptedException.class);
        return (InterruptedIOException) cause;
    }

    @EachMode
    void interruptedAcceptLeavesTheListenerOpen() throws Exception {
        run(
                () -> {
                    FiberListener listener = listener(Family.TCP);
                    Fiber<?> fiber = fibers.start("acceptor", listener::accept);
                    assertThat(interruption(fiber)).hasMessageStartingWith("interrupted in accept");
                    var client = closing(FiberSocket.connect(fibers, listener.getLocalAddress()));
                    var server = closing(listener.accept());
                    server.write(bytes("x"));
                    assertThat(client.read(ByteBuffer.allocate(2))).isEqualTo(1);
                });
    }

    @EachMode
    void interruptedReadLosesNoByte() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    ByteBuffer target = ByteBuffer.allocate(3);
                    Fiber<?> fiber = fibers.start("reader", () -> pair.server().read(target));
                    assertThat(interruption(fiber).bytesTransferred).isZero();
                    assertThat(target.position()).isZero();
                    pair.client().write(bytes("abc"));
                    pair.server().readFully(target);
                    assertThat(text(target)).isEqualTo("abc");
                });
    }

    @EachMode
    void interruptedReadFullyTellsWhatCame() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    ByteBuffer target = ByteBuffer.allocate(6);
                    Fiber<?> fiber = fibers.start("reader", () -> pair.server().readFully(target));
                    pair.client().write(bytes("abc"));
                    await(() -> target.position() == 3);
                    assertThat(interruption(fiber).bytesTransferred).isEqualTo(3);
                    assertThat(text(target)).isEqualTo("abc");
                    pair.client().write(bytes("def"));
                    pair.server().readFully(target);
                    assertThat(text(target)).isEqualTo("abcdef");
                });
    }

    @EachMode
    void interruptedWriteTellsWhatWent() throws Exception {
        run(
                () -> {
                    for (Family family : Family.values()) {
                        Pair pair = pair(family);
                        byte[] sent = random(3, 8 << 20);
                        ByteBuffer source = ByteBuffer.wrap(sent);
                        Fiber<?> fiber = fibers.start("writer", () -> pair.client().write(source));
                        int gone = interruption(fiber).bytesTransferred;
                        assertThat(gone).isPositive().isLessThan(sent.length);
                        assertThat(source.position()).isEqualTo(gone);
                        Fiber<?> rest = fibers.start("writer", () -> pair.client().write(source));
                        ByteBuffer target = ByteBuffer.allocate(sent.length);
                        pair.server().readFully(target);
                        assertThat(target.array()).isEqualTo(sent);
                        rest.join();
                    }
                });
    }

    @EachMode
    void interruptedConnectLeavesNothingOpen() throws Exception {
        run(
                () -> {
                    var path = UnixDomainSocketAddress.of(directory().resolve("full"));
                    UnixListener listener = closing(UnixListener.open(loop, path, 1));
                    List<FiberSocket> backlog = new ArrayList<>();
                    AtomicInteger connected = new AtomicInteger();
                    Fiber<?> fiber =
                            fibers.start(
                                    "connector",
                                    () -> {
                                        while (true) {
                                            backlog.add(FiberSocket.connect(fibers, path));
                                            connected.incrementAndGet();
                                        }
                                    });
                    awaitState(fiber, FiberState.SLEEPING);
                    fiber.interrupt();
                    assertThatThrownBy(fiber::join)
                            .hasCauseInstanceOf(InterruptedIOException.class);
                    assertThat(connected.get()).isPositive();
                    for (FiberSocket each : backlog) {
                        each.close();
                    }
                    assertThat(listener.isOpen()).isTrue();
                });
    }

    @EachMode
    void interruptedReceiveLosesNoDatagram() throws Exception {
        run(
                () -> {
                    FiberDatagramSocket socket =
                            closing(FiberDatagramSocket.open(fibers, anyPort()));
                    ByteBuffer target = ByteBuffer.allocate(9);
                    Fiber<?> fiber = fibers.start("receiver", () -> socket.receive(target));
                    interruption(fiber);
                    socket.send(bytes("hello"), socket.getLocalAddress());
                    assertThat(socket.receive(target)).isEqualTo(socket.getLocalAddress());
                    assertThat(text(target)).isEqualTo("hello");
                });
    }

    @EachMode
    void interruptBeforeTheOperationEndsIt() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    pair.client().write(bytes("x"));
                    fibers.current().interrupt();
                    assertThatExceptionOfType(InterruptedIOException.class)
                            .isThrownBy(() -> pair.server().read(ByteBuffer.allocate(1)));
                    fibers.current().interrupt();
                    assertThatExceptionOfType(InterruptedException.class)
                            .isThrownBy(() -> fibers.sleep(Duration.ofDays(1)));
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                    assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(1);
                });
    }

    @EachMode
    void fiberThatWaitsForItsTurnToReadIsInterrupted() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    Fiber<Integer> first =
                            fibers.start("first", () -> pair.server().read(ByteBuffer.allocate(9)));
                    awaitState(first, FiberState.WAITING_FOR_DESCRIPTOR);
                    Fiber<Integer> second =
                            fibers.start(
                                    "second", () -> pair.server().read(ByteBuffer.allocate(9)));
                    awaitState(second, FiberState.BLOCKED);
                    second.interrupt();
                    assertThatThrownBy(second::join)
                            .hasCauseInstanceOf(InterruptedIOException.class);
                    pair.client().write(bytes("abc"));
                    assertThat(first.join()).isEqualTo(3);
                });
    }

    /** Interrupts at any moment of reads. What arrives must be what was sent. */
    @EachMode
    void readerInterruptedAtAnyMomentGetsEachByteOnce() throws Exception {
        byte[] sent = random(11, 300_000);
        run(
                () -> {
                    Pair pair = pair();
                    ByteBuffer target = ByteBuffer.allocate(sent.length);
                    AtomicInteger interruptions = new AtomicInteger();
                    Fiber<?> reader =
                            fibers.start(
                                    "reader", () -> readAll(pair.server(), target, interruptions));
                    Fiber<?> writer =
                            fibers.start(
                                    "writer",
                                    () -> {
                                        for (int i = 0; i < sent.length; i += 1000) {
                                            if (i + 1000 == sent.length) {
                                                awaitFirst(interruptions);
                                            }
                                            pair.client().write(ByteBuffer.wrap(sent, i, 1000));
                                            fibers.sleep(Duration.ZERO);
                                        }
                                    });
                    while (!reader.isDone()) {
                        reader.interrupt();
                        fibers.sleep(Duration.ofNanos(100_000));
                    }
                    writer.join();
                    assertThat(interruptions.get()).isPositive();
                    assertThat(target.array()).isEqualTo(sent);
                });
    }

    private void awaitFirst(AtomicInteger count) throws InterruptedException {
        while (count.get() == 0) {
            fibers.sleep(Duration.ofNanos(100_000));
        }
    }

    private static void readAll(FiberSocket socket, ByteBuffer target, AtomicInteger count)
            throws Exception {
        while (target.hasRemaining()) {
            int before = target.position();
            try {
                socket.readFully(target);
            } catch (InterruptedIOException e) {
                assertThat(target.position()).isEqualTo(before + e.bytesTransferred);
                count.incrementAndGet();
            }
        }
    }
}
