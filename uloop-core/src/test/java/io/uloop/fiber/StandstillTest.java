package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uloop.CapturedLog;
import io.uloop.Timer;
import io.uloop.net.UdpChannel;
import io.uloop.poller.UEvent;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;

/** Fibers of which none can continue. */
class StandstillTest extends EachFiber {
    private static final int CHECKS = 5;

    private final CapturedLog log = new CapturedLog("io.uloop.fiber");

    @AfterEach
    void closeLog() {
        log.close();
    }

    private List<String> warnings() {
        return log.records().stream()
                .filter(each -> each.getLevel() == Level.WARNING)
                .map(each -> each.getMessage())
                .toList();
    }

    private String firstLine(int live) {
        return "Fibers[mode=" + mode.name().toLowerCase(Locale.ROOT) + ", live=" + live + ", ";
    }

    /** Starts a fiber that joins one which does not exist yet. */
    private Fiber<Throwable> startJoiner(String name, CompletableFuture<Fiber<?>> other) {
        return startFailing(name, () -> other.get().join());
    }

    @EachMode
    void fibersThatWaitForEachOtherEndTheRun() throws Exception {
        CompletableFuture<Fiber<?>> other = new CompletableFuture<>();
        Fiber<Throwable> first = startJoiner("first", other);
        Fiber<Throwable> second = startJoiner("second", CompletableFuture.completedFuture(first));
        other.complete(second);

        assertThatIllegalStateException()
                .isThrownBy(fibers::run)
                .withMessageStartingWith(
                        "no fiber can continue, because all wait for each other: " + firstLine(2))
                .withMessageMatching(
                        "(?s).*]\n  first \\(\\d+ ms\\) JOINING\n  second \\(\\d+ ms\\) JOINING");
        assertThat(warnings()).isEmpty();

        first.interrupt();
        fibers.run();
        assertThat(first.join()).isInstanceOf(InterruptedException.class);
        assertThat(second.join()).isNull();
    }

    @EachMode
    void runContinuesUntilAnotherThreadResumesAFiber() throws Exception {
        BlockingQueue<String> queue = new LinkedBlockingQueue<>();
        Fiber<String> taker = fibers.start("taker", () -> queue.take());
        Fiber<String> joiner = fibers.start("joiner", () -> taker.join());
        var filled =
                inBackground(
                        () -> {
                            until("a warning is logged", () -> !warnings().isEmpty());
                            return queue.add("from outside");
                        });
        fibers.run();
        assertThat(result(filled)).isTrue();
        assertThat(joiner.join()).isEqualTo("from outside");
        assertThat(warnings()).hasSize(1);
        assertThat(warnings().get(0))
                .startsWith(
                        "no fiber can continue unless another thread resumes it: " + firstLine(2))
                .matches("(?s).*]\n  taker \\(\\d+ ms\\) BLOCKED\n  joiner \\(\\d+ ms\\) JOINING");
    }

    /** Checks as often as a run does in some seconds. */
    private static void check(Standstill standstill) {
        for (int i = 0; i < CHECKS; i++) {
            standstill.run();
            standstill.stop();
        }
    }

    private Standstill standstill() {
        return new Standstill(fibers.scheduler(), fibers::dump);
    }

    /** Starts a fiber that is blocked until the latch is released. */
    private void startBlocked(CountDownLatch latch) throws Exception {
        Fiber<?> blocked = fibers.start("blocked", () -> latch.await());
        runUntil(() -> blocked.info().state() == FiberState.BLOCKED && isWaiting(blocked.thread()));
    }

    @EachMode
    void eachStandstillIsLoggedOnce() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        startBlocked(latch);
        Standstill standstill = standstill();
        check(standstill);
        assertThat(warnings()).hasSize(1);
        Timer timer = loop.callLater(Duration.ofDays(1), () -> {});
        check(standstill);
        timer.close();
        assertThat(warnings()).hasSize(1);
        check(standstill);
        assertThat(warnings()).hasSize(2);
        latch.countDown();
        runFibers();
    }

    @EachMode
    void singleCheckIsNoProof() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        startBlocked(latch);
        Standstill standstill = standstill();
        standstill.run();
        standstill.stop();
        assertThat(warnings()).isEmpty();
        latch.countDown();
        runFibers();
    }

    @EachMode
    void waitForADescriptorIsNoStandstill() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        startBlocked(latch);
        FiberDatagramSocket socket = closing(FiberDatagramSocket.open(fibers, anyPort()));
        Fiber<?> receiver = fibers.start("receiver", () -> socket.receive(ByteBuffer.allocate(1)));
        runUntil(() -> loop.metrics().descriptors() == 1);
        check(standstill());
        assertThat(warnings()).isEmpty();
        receiver.interrupt();
        latch.countDown();
        runFibers();
    }

    @EachMode
    void timerThatNoIdleRunWaitsForMayResumeAFiber() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        startBlocked(latch);
        loop.callLater(Duration.ofMillis(20), latch::countDown).unref();
        check(standstill());
        assertThat(warnings()).isEmpty();
        runFibers();
    }

    @EachMode
    void channelThatNoIdleRunWaitsForMayResumeAFiber() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        startBlocked(latch);
        UdpChannel channel = closing(UdpChannel.open(loop, anyPort()));
        channel.unref();
        channel.register(UEvent.IN, (fd, events) -> latch.countDown());
        check(standstill());
        assertThat(warnings()).isEmpty();
        channel.send(bytes("x"), channel.getLocalAddress());
        runFibers(); // until the fiber ends, although the channel stays registered
        assertThat(latch.getCount()).isZero();
    }

    @EachMode
    void sleepOfTheJdkIsNoStandstill() throws Exception {
        Fiber<?> sleeper = fibers.start("sleeper", () -> Thread.sleep(100_000_000));
        Fiber<Throwable> joiner = startFailing("joiner", () -> sleeper.join());
        runUntil(() -> joiner.info().state() == FiberState.JOINING && isWaiting(joiner.thread()));
        check(standstill());
        assertThat(warnings()).isEmpty();
        sleeper.interrupt();
        runFibers();
        assertThat(joiner.join()).hasRootCauseInstanceOf(InterruptedException.class);
    }

    /** A fiber that gets no carrier thread can continue, although it does not yet. */
    @EachMode(FiberMode.JDK)
    void fiberWhoseCarrierThreadsAreTakenDoesNotStandStill() throws Exception {
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> spinners = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            spinners.add(VirtualThreadFactory.newThread("spinner", () -> spin(mayEnd, over)));
        }
        Fiber<?> first =
                fibers.start(
                        "first",
                        () -> {
                            mayEnd.await();
                            spinners.forEach(LockSupport::unpark); // they are before the joiner
                        });
        Fiber<?> joiner = fibers.start("joiner", () -> first.join());
        try {
            spinners.forEach(Thread::start);
            runUntil(() -> joiner.info().state() == FiberState.JOINING);
            runUntil(() -> isWaiting(first.thread()) && isWaiting(joiner.thread()));
            runUntil(() -> spinners.stream().allMatch(StandstillTest::isWaiting));
            mayEnd.countDown();
            runUntil(() -> !isWaiting(joiner.thread()));
            Standstill standstill = standstill();
            check(standstill);
            standstill.throwIfProven();
            assertThat(warnings()).isEmpty();
        } finally {
            over.set(true);
        }
        runFibers();
    }

    private static boolean isWaiting(Thread thread) {
        return thread.getState() == Thread.State.WAITING;
    }

    private static void spin(CountDownLatch started, AtomicBoolean over) {
        while (started.getCount() > 0) {
            LockSupport.park();
        }
        while (!over.get()) {
            Thread.onSpinWait();
        }
    }
}
