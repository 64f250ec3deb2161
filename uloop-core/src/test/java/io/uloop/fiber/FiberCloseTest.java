package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.poller.tck.OpenDescriptors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;

/** Tests that closing ends operations and never hits another file. */
class FiberCloseTest extends EachFiber {
    private void assertEndedByClose(Callable<?> operation, FiberChannel channel) throws Exception {
        Fiber<Throwable> fiber = startFailing("waiting", operation);
        awaitState(fiber, FiberState.WAITING_FOR_DESCRIPTOR);
        channel.close();
        assertThat(fiber.join()).isInstanceOf(AsynchronousCloseException.class);
        channel.close();
        assertThat(channel.isOpen()).isFalse();
        assertThat(channel.fd()).isNegative();
        assertThat(channel.toString()).endsWith(", closed]");
        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(operation::call);
        assertThat(loop.metrics().descriptors()).isZero();
    }

    @EachMode
    void closeEndsAWaitingAccept() throws Exception {
        run(
                () -> {
                    for (Family family : Family.values()) {
                        FiberListener listener = listener(family);
                        assertEndedByClose(listener::accept, listener);
                        assertThatThrownBy(listener::getLocalAddress)
                                .isInstanceOf(ClosedChannelException.class);
                    }
                });
    }

    @EachMode
    void closeEndsAWaitingRead() throws Exception {
        run(
                () -> {
                    for (Family family : Family.values()) {
                        FiberSocket socket = pair(family).server();
                        assertEndedByClose(() -> socket.read(ByteBuffer.allocate(1)), socket);
                    }
                });
    }

    @EachMode
    void closeEndsAWaitingWrite() throws Exception {
        run(
                () -> {
                    FiberSocket socket = pair().client();
                    ByteBuffer much = ByteBuffer.allocate(16 << 20);
                    assertEndedByClose(() -> socket.write(much), socket);
                    assertThat(much.position()).isPositive();
                });
    }

    @EachMode
    void closeEndsAWaitingReceive() throws Exception {
        run(
                () -> {
                    FiberDatagramSocket socket = FiberDatagramSocket.open(fibers, anyPort());
                    assertEndedByClose(() -> socket.receive(ByteBuffer.allocate(1)), socket);
                });
    }

    @EachMode
    void closeEndsAReadAndAWriteAtOnce() throws Exception {
        run(
                () -> {
                    FiberSocket socket = pair().client();
                    ByteBuffer much = ByteBuffer.allocate(16 << 20);
                    Fiber<Throwable> reader =
                            startFailing("reader", () -> socket.read(ByteBuffer.allocate(1)));
                    awaitState(reader, FiberState.WAITING_FOR_DESCRIPTOR);
                    List<Fiber<Throwable>> waiting =
                            List.of(
                                    reader,
                                    startFailing("writer", () -> socket.write(much)),
                                    startFailing(
                                            "second", () -> socket.read(ByteBuffer.allocate(1))));
                    awaitState(waiting.get(1), FiberState.WAITING_FOR_DESCRIPTOR);
                    awaitState(waiting.get(2), FiberState.BLOCKED);
                    socket.close();
                    for (Fiber<Throwable> each : waiting) {
                        assertThat(each.join()).isInstanceOf(ClosedChannelException.class);
                    }
                });
    }

    @EachMode
    void socketThatNeverWaitedIsClosedWithoutTheLoop() throws Exception {
        var before = OpenDescriptors.now();
        FiberListener listener = listener(Family.TCP);
        FiberDatagramSocket datagrams = FiberDatagramSocket.open(fibers, anyPort());
        assertThat(OpenDescriptors.since(before).size()).isIn(0, 2); // 0 where none are listed
        listener.close();
        datagrams.close();
        assertThat(OpenDescriptors.since(before)).isEmpty();
    }

    @EachMode
    void socketThatWaitedIsClosedAfterTheRun() throws Exception {
        Pair[] pair = new Pair[1];
        run(
                () -> {
                    pair[0] = pair();
                    Fiber<?> echo = fibers.start("echo", () -> echo(pair[0].server(), 1));
                    assertThat(ping(pair[0].client())).isEqualTo("x");
                    echo.join();
                });
        pair[0].client().close();
        pair[0].server().close();
        assertThat(loop.metrics().descriptors()).isZero();
        assertThat(pair[0].client().isOpen()).isFalse();
    }

    private static void echo(FiberSocket socket, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(1);
        for (int i = 0; i < count; i++) {
            socket.readFully(bytes.clear());
            socket.write(bytes.flip());
        }
    }

    private static String ping(FiberSocket socket) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(1);
        socket.write(bytes("x"));
        socket.readFully(answer);
        return text(answer);
    }

    /**
     * Threads use sockets while others close them and open new ones, which get the same numbers. A
     * call with a closed number would reach another socket, whose bytes tell.
     */
    @EachMode({FiberMode.JDK, FiberMode.PLATFORM})
    void closedNumberIsNeverUsed() throws Exception {
        AtomicBoolean wrong = new AtomicBoolean();
        run(
                () -> {
                    List<Fiber<?>> all = new ArrayList<>();
                    for (int i = 0; i < 6; i++) {
                        byte mark = (byte) ('a' + i);
                        all.add(fibers.start("hammer " + i, () -> hammer(mark, wrong)));
                    }
                    for (Fiber<?> each : all) {
                        each.join();
                    }
                });
        assertThat(wrong).isFalse();
        assertThat(loop.metrics().descriptors()).isZero();
    }

    private void hammer(byte mark, AtomicBoolean wrong) throws Exception {
        FiberListener listener = FiberListener.open(fibers, anyPort());
        for (int i = 0; i < 20; i++) {
            FiberSocket client = FiberSocket.connect(fibers, listener.getLocalAddress());
            FiberSocket server = listener.accept();
            Fiber<?> writer = fibers.start("writer", () -> writeMarks(client, mark));
            Fiber<?> reader = fibers.start("reader", () -> readMarks(server, mark, wrong));
            if (i % 3 == 0) {
                fibers.sleep(Duration.ofNanos(100_000));
            }
            Fiber<?> closer = fibers.start("closer", client::close);
            server.close();
            closer.join();
            reader.join();
            writer.join();
        }
        listener.close();
    }

    private static void writeMarks(FiberSocket socket, byte mark) {
        ByteBuffer marks = ByteBuffer.allocateDirect(64);
        while (marks.hasRemaining()) {
            marks.put(mark);
        }
        try {
            while (true) {
                socket.write(marks.clear());
            }
        } catch (IOException e) {
            // closed here or by the peer
        }
    }

    private static void readMarks(FiberSocket socket, byte mark, AtomicBoolean wrong) {
        ByteBuffer target = ByteBuffer.allocateDirect(4096);
        try {
            while (socket.read(target.clear()) >= 0) {
                for (int i = 0; i < target.position(); i++) {
                    if (target.get(i) != mark) {
                        wrong.set(true);
                    }
                }
            }
        } catch (IOException e) {
            // closed here or by the peer
        }
    }
}
