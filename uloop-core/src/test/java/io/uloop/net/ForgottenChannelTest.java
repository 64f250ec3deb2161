package io.uloop.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.CapturedLog;
import io.uloop.EachBackend;
import io.uloop.LoopThread;
import io.uloop.Uloop;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.StandardProtocolFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Unreachable channels are closed on the thread that their loop requires. */
class ForgottenChannelTest extends EachBackend {
    private CapturedLog log;

    @BeforeEach
    void captureLog() {
        log = new CapturedLog("io.uloop.net", CapturedLog::isSummary);
    }

    @AfterEach
    void releaseLog() {
        log.close();
    }

    /** Opens a channel and keeps only its number. */
    private int forget() throws IOException {
        return UdpChannel.open(loop, StandardProtocolFamily.INET).fd();
    }

    /** Opens a channel and registers it with a handler that does not refer to it. */
    private int forgetRegistered(AtomicInteger calls) throws IOException {
        UdpChannel channel = UdpChannel.open(loop, StandardProtocolFamily.INET);
        channel.register(UEvent.OUT, (fd, events) -> calls.incrementAndGet());
        return channel.fd();
    }

    private boolean isLogged(int fd) {
        return log.messages().stream().anyMatch(line -> line.contains("[fd=" + fd + ", closed]"));
    }

    private void collectUntil(BooleanSupplier condition) throws IOException {
        runUntil(
                () -> {
                    System.gc();
                    return condition.getAsBoolean();
                });
    }

    /** Only queries the number, because the JVM may have reused it for another file. */
    private void assertClosed(int fd) {
        assertThatThrownBy(() -> io.localAddress(fd))
                .hasMessageMatching("(?s).*(EBADF|ENOTSOCK).*");
    }

    @Test
    void unregisteredLeakIsClosedAndLoggedWithTrackingHint() throws IOException {
        int fd = forget();
        collectUntil(() -> isLogged(fd));
        assertThat(log.messages())
                .singleElement()
                .asString()
                .startsWith(
                        "UdpChannel[fd="
                                + fd
                                + ", closed] was garbage-collected open: call close; it was opened"
                                + " at ")
                .endsWith(" (run with -Duloop.trackLeaks=true for the whole stack)");
        assertClosed(fd);
    }

    @Test
    void registeredLeakIsClosedOnTheLoopThread() throws IOException {
        AtomicInteger calls = new AtomicInteger();
        int fd = forgetRegistered(calls);
        try (LoopThread thread = new LoopThread(loop)) {
            Uloop idle = build(provider);
            while (!isLogged(fd)) {
                System.gc();
                idle.runOnce(1_000_000);
            }
            assertThat(thread).isNotNull();
        }
        assertThat(calls.get()).isPositive();
        assertThat(loop.toString()).contains("descriptors=0");
        assertThat(failures).isEmpty();
        assertClosed(fd);
    }

    @Test
    void registeredLeakWaitsForStoppedLoop() throws IOException {
        int fd = forgetRegistered(new AtomicInteger());
        awaitTask();
        assertThat(loop.toString()).contains("descriptors=1");
        assertThat(isLogged(fd)).isFalse();
        runUntil(() -> isLogged(fd));
        assertThat(loop.toString()).contains("descriptors=0");
        assertClosed(fd);
    }

    @Test
    void waitingLeakIsClosedWithTheLoop() throws IOException {
        int fd = forgetRegistered(new AtomicInteger());
        awaitTask();
        loop.close();
        // Closed by this thread, or by the cleaner's if it has not submitted its task yet.
        Awaitility.await().atMost(DEADLINE).until(() -> isLogged(fd));
        assertClosed(fd);
    }

    /** Waits until the cleaner has submitted a task to the loop. */
    private void awaitTask() {
        long start = System.nanoTime();
        while (!loop.toString().contains("tasks=1")) {
            System.gc();
            assertThat(System.nanoTime() - start).isLessThan(DEADLINE.toNanos());
            Thread.onSpinWait();
        }
    }

    @Test
    void leakOfClosedLoopIsClosedAtOnce() throws IOException {
        Uloop other = build(provider);
        int fd = forgetOn(other);
        other.close();
        collectUntil(() -> isLogged(fd));
        assertClosed(fd);
    }

    private static int forgetOn(Uloop loop) throws IOException {
        UdpChannel channel = UdpChannel.open(loop, StandardProtocolFamily.INET);
        channel.register(UEvent.IN, (fd, events) -> {});
        return channel.fd();
    }

    @Test
    void leakTogetherWithItsLoopIsClosed() throws IOException {
        int[] fd = new int[1];
        WeakReference<Uloop> forgotten = new WeakReference<>(closedLoopWithChannel(fd));
        collectUntil(() -> isLogged(fd[0]));
        collectUntil(() -> forgotten.get() == null);
        assertClosed(fd[0]);
    }

    private Uloop closedLoopWithChannel(int[] number) throws IOException {
        Uloop other = Uloop.builder().poller(provider).build();
        UdpChannel channel = UdpChannel.open(other, StandardProtocolFamily.INET);
        channel.register(UEvent.IN, (fd, events) -> channel.close());
        number[0] = channel.fd();
        other.close();
        return other;
    }

    @Test
    void channelReferredToByItsHandlerIsKept() throws IOException {
        WeakReference<UdpChannel> channel = new WeakReference<>(registerSelf());
        for (int i = 0; i < 5; i++) {
            System.gc();
            loop.runOnce(0);
        }
        UdpChannel kept = channel.get();
        assertThat(kept).isNotNull();
        assertThat(kept.isOpen()).isTrue();
        assertThat(isLogged(kept.fd())).isFalse();
        kept.close();
    }

    private UdpChannel registerSelf() throws IOException {
        UdpChannel channel = UdpChannel.open(loop, StandardProtocolFamily.INET);
        channel.register(UEvent.IN, (fd, events) -> channel.receive(bytes("")));
        return channel;
    }

    @Test
    void closedChannelIsNotLogged() throws IOException {
        List<WeakReference<UdpChannel>> closed = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            closed.add(new WeakReference<>(openAndClose()));
        }
        collectUntil(() -> closed.stream().allMatch(reference -> reference.get() == null));
        int fd = forget(); // cleaned after the closed ones
        collectUntil(() -> isLogged(fd));
        assertThat(log.messages()).hasSize(1);
    }

    private UdpChannel openAndClose() throws IOException {
        UdpChannel channel = UdpChannel.open(loop, StandardProtocolFamily.INET);
        channel.close();
        return channel;
    }

    @Test
    void leakedConnectionsMakeRoomAtTheirListener() throws IOException {
        TcpListener listener = closing(TcpListener.open(loop, anyPort()));
        listener.limitConnections(3);
        AtomicInteger accepted = new AtomicInteger();
        listener.register(channel -> accepted.incrementAndGet());
        for (int i = 0; i < 6; i++) {
            closing(TcpChannel.connect(loop, listener.getLocalAddress()));
        }
        collectUntil(() -> accepted.get() == 6);
        collectUntil(() -> listener.connections() == 0);
    }
}
