package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.ClosedLoopException;
import io.uloop.Uloop;
import io.uloop.group.UloopGroup;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.OpenDescriptors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** What fibers do when their loop is closed. */
class FiberEndOfLoopTest extends EachFiber {
    private static final Duration LONG = Duration.ofDays(1);

    private final Map<String, Fiber<?>> waiting = new LinkedHashMap<>();

    /** What the code of each waiting fiber has thrown, written in its finally block. */
    private final Map<String, Throwable> ends = new ConcurrentHashMap<>();

    private void startWaiting(String name, FiberTask code) {
        FiberTask recorded =
                () -> {
                    Throwable thrown = null;
                    try {
                        code.run();
                    } catch (Exception e) {
                        thrown = e;
                        throw e;
                    } finally {
                        ends.put(
                                name,
                                thrown != null ? thrown : new AssertionError("nothing thrown"));
                    }
                };
        waiting.put(name, fibers.start(name, recorded));
    }

    /** Starts one fiber for each kind of wait, and returns when all of them wait. */
    private void startAllKinds() throws Exception {
        FiberListener listener = listener(Family.TCP);
        Pair idle = pair();
        Pair full = pair();
        fill(full.client());
        int fd = pipe().readEnd();
        startWaiting("accept", () -> listener.accept());
        startWaiting("read", () -> idle.server().read(ByteBuffer.allocate(1)));
        awaitState(waiting.get("read"), FiberState.WAITING_FOR_DESCRIPTOR);
        startWaiting("second read", () -> idle.server().read(ByteBuffer.allocate(1)));
        startWaiting("write", () -> full.client().write(ByteBuffer.allocate(1 << 23)));
        startWaiting("ready", () -> fibers.awaitReady(fd, UEvent.IN));
        startWaiting("sleep", () -> fibers.sleep(LONG));
        startWaiting("sleep of the JDK", () -> Thread.sleep(LONG.toMillis()));
        startWaiting("take", () -> new LinkedBlockingQueue<>().take());
        startWaiting(
                "take with a limit",
                () -> fibers.callWithin(LONG, () -> new LinkedBlockingQueue<>().take()));
        startWaiting("join", () -> waiting.get("accept").join());
        for (Fiber<?> each : waiting.values()) {
            await(() -> each.info().state() != FiberState.RUNNABLE);
        }
        settle();
    }

    private void assertAllEnded() throws Exception {
        for (Fiber<?> each : waiting.values()) {
            until(each + " has ended", () -> !each.thread().isAlive());
            assertThat(each.isDone()).isTrue();
        }
        assertThat(ends).containsOnlyKeys(waiting.keySet());
        for (String each : List.of("accept", "read", "second read", "write", "ready", "sleep")) {
            assertThat(ends.get(each)).as(each).isInstanceOf(ClosedLoopException.class);
        }
        for (String each : List.of("sleep of the JDK", "take", "take with a limit")) {
            assertThat(ends.get(each)).as(each).isInstanceOf(InterruptedException.class);
        }
        // A platform thread may see the end of the other fiber before the interrupt.
        assertThat(ends.get("join"))
                .isInstanceOfAny(InterruptedException.class, ExecutionException.class);
        until("the starter has ended", () -> fibers.list().isEmpty());
        assertThat(fibers.metrics().live()).isZero();
    }

    @EachMode
    void closeByACallbackEndsAllWaits() throws Exception {
        fibers.start(
                "starter",
                () -> {
                    startAllKinds();
                    loop.execute(loop::close);
                });
        runFibers();
        assertAllEnded();
    }

    @EachMode
    void closeByAFiberEndsAllWaits() throws Exception {
        fibers.start(
                "starter",
                () -> {
                    startAllKinds();
                    loop.close();
                });
        runFibers();
        assertAllEnded();
    }

    @EachMode
    void closeByAnotherThreadEndsAllWaits() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        var closed =
                inBackground(
                        () -> {
                            started.await();
                            loop.close();
                            return true;
                        });
        fibers.start(
                "starter",
                () -> {
                    startAllKinds();
                    started.countDown();
                });
        runFibers();
        assertThat(result(closed)).isTrue();
        assertAllEnded();
    }

    @EachMode
    void closeOfAStoppedLoopEndsAllWaits() throws Exception {
        fibers.start(
                "starter",
                () -> {
                    startAllKinds();
                    loop.stop();
                });
        runFibers();
        assertThat(waiting.values()).hasSize(10).noneMatch(Fiber::isDone);
        assertThat(ends).isEmpty();
        loop.close();
        assertAllEnded();
    }

    /** The end of a timeout takes its interrupt back, but not that of the loop's end. */
    @EachMode
    void expiredTimeoutKeepsTheInterruptOfTheEnd() throws Exception {
        LinkedBlockingQueue<Integer> empty = new LinkedBlockingQueue<>();
        Fiber<?> fiber =
                fibers.start(
                        "late",
                        () -> {
                            fibers.callWithin(Duration.ofNanos(1), this::closeWhenInterrupted);
                            empty.take();
                        });
        runFibers();
        until("the fiber has ended", () -> !fiber.thread().isAlive());
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(fiber::join)
                .withCauseInstanceOf(InterruptedException.class);
    }

    private Void closeWhenInterrupted() {
        boolean isOpen = true;
        while (isOpen) {
            try {
                fibers.sleep(LONG);
            } catch (InterruptedException e) {
                loop.close();
            } catch (ClosedLoopException e) {
                isOpen = false;
            }
        }
        return null;
    }

    /** In mode loop all of that happens on the thread that closes the loop, inside that call. */
    @EachMode(FiberMode.LOOP)
    void finallyBlocksHaveRunWhenCloseReturns() throws Exception {
        List<String> steps = new ArrayList<>();
        fibers.start(
                "tidy",
                () -> {
                    try {
                        fibers.sleep(LONG);
                    } finally {
                        for (int i = 0; i < 3; i++) {
                            steps.add("step " + i);
                            Thread.yield();
                        }
                    }
                });
        fibers.start("stopper", loop::stop);
        runFibers();
        assertThat(steps).isEmpty();
        loop.close();
        assertThat(steps).containsExactly("step 0", "step 1", "step 2");
    }

    @EachMode
    void fiberContinuesInTheRunAfterAStop() throws Exception {
        AtomicInteger steps = new AtomicInteger();
        Fiber<?> fiber =
                fibers.start(
                        "stopping",
                        () -> {
                            for (int i = 0; i < 3; i++) {
                                steps.incrementAndGet();
                                loop.stop();
                                fibers.sleep(Duration.ofMillis(1));
                            }
                        });
        while (!fiber.isDone()) {
            runFibers();
        }
        assertThat(steps).hasValue(3);
    }

    @EachMode
    void closedLoopRefusesFibers() {
        loop.close();
        assertThatExceptionOfType(RejectedExecutionException.class)
                .isThrownBy(() -> fibers.start("late", () -> 1))
                .withMessageStartingWith("cannot start fiber late: uloop-")
                .withCauseInstanceOf(ClosedLoopException.class);
        assertThatExceptionOfType(RejectedExecutionException.class)
                .isThrownBy(() -> fibers.executor().execute(() -> {}));
        assertThatIllegalStateException().isThrownBy(() -> Fibers.on(loop, mode));
        assertThatIllegalStateException().isThrownBy(fibers::run);
        assertThat(fibers.list()).isEmpty();
        assertThat(fibers.metrics()).isEqualTo(new FiberMetrics(mode, 0, 0, 0));
    }

    @EachMode
    void operationsAfterTheEndFail() throws Exception {
        AtomicReference<FiberSocket> opened = new AtomicReference<>();
        run(() -> opened.set(pair().client()));
        FiberSocket socket = opened.get();
        loop.close();
        assertThatThrownBy(() -> socket.read(ByteBuffer.allocate(1)))
                .isInstanceOf(ClosedLoopException.class);
        assertThatThrownBy(() -> fibers.sleep(Duration.ofMillis(1)))
                .isInstanceOf(ClosedLoopException.class);
        assertThatThrownBy(() -> fibers.awaitReady(pipe().readEnd(), UEvent.IN))
                .isInstanceOf(ClosedLoopException.class);
        socket.close();
        assertThat(socket.isOpen()).isFalse();
        assertThatThrownBy(() -> socket.read(ByteBuffer.allocate(1)))
                .isInstanceOf(ClosedChannelException.class);
    }

    /** The fiber would hold up the close forever if that ran it until it ends. */
    @EachMode
    void closeReturnsBesideAFiberThatAlwaysYields() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Fiber<?> busy =
                fibers.start(
                        "busy",
                        () -> {
                            while (!over.get()) {
                                Thread.yield();
                            }
                        });
        startWaiting("sleep", () -> fibers.sleep(LONG));
        loop.callLater(Duration.ofMillis(5), loop::close);
        loop.run();
        assertThat(loop.isOpen()).isFalse();
        assertThat(busy.isDone()).isFalse();
        over.set(true);
        until("the busy fiber has ended", () -> !busy.thread().isAlive());
        until("the other fiber has ended", () -> ends.containsKey("sleep"));
        assertThat(ends.get("sleep")).isInstanceOf(ClosedLoopException.class);
    }

    @EachMode
    void closeEndsAFiberThatNeverHasToWait() throws Exception {
        FiberDatagramSocket socket = closing(FiberDatagramSocket.open(fibers, anyPort()));
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        startWaiting(
                "busy",
                () -> {
                    while (true) {
                        socket.send(one.clear(), socket.getLocalAddress());
                        socket.receive(one.clear());
                    }
                });
        loop.callLater(Duration.ofMillis(5), loop::close);
        loop.run();
        until("the fiber has ended", () -> ends.containsKey("busy"));
        assertThat(ends.get("busy")).isInstanceOf(ClosedLoopException.class);
    }

    @EachMode
    void socketsClosedWhileTheLoopIsClosedAreClosed() throws Exception {
        var before = OpenDescriptors.now();
        for (int round = 0; round < 10; round++) {
            Uloop own = build(provider);
            Fibers users = Fibers.on(own, mode);
            List<Fiber<?>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(users.start("user " + i, () -> openAndClose(users)));
            }
            CountDownLatch busy = new CountDownLatch(1);
            var closed =
                    inBackground(
                            () -> {
                                busy.await();
                                own.close();
                                return true;
                            });
            own.callLater(Duration.ofMillis(3), busy::countDown);
            own.run();
            assertThat(result(closed)).isTrue();
            for (Fiber<?> each : all) {
                until(each + " has ended", () -> !each.thread().isAlive());
            }
        }
        OpenDescriptors.assertNoneSince(before);
    }

    /** Uses sockets until the loop ends. */
    private static void openAndClose(Fibers users) throws Exception {
        try (FiberListener listener = FiberListener.open(users, anyPort())) {
            while (true) {
                try (FiberSocket client = FiberSocket.connect(users, listener.getLocalAddress());
                        FiberSocket server = listener.accept()) {
                    client.write(bytes("x"));
                    server.read(ByteBuffer.allocate(1));
                    users.callWithin(
                            Duration.ofNanos(100_000), () -> server.read(ByteBuffer.allocate(1)));
                } catch (TimeoutException e) {
                    // The next round follows.
                }
            }
        }
    }

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

    /** Whether it was started just before or just after the end, nothing else would wake it. */
    @EachMode
    void fiberThatTheEndHasMissedIsInterrupted() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread late =
                fibers.threadFactory()
                        .newThread(
                                () -> {
                                    try {
                                        new LinkedBlockingQueue<>().take();
                                    } catch (InterruptedException e) {
                                        failure.set(e);
                                    }
                                });
        loop.close();
        late.start();
        until("the fiber has ended", () -> !late.isAlive());
        assertThat(failure.get()).isInstanceOf(InterruptedException.class);
    }

    /** Nobody interrupts these: they may have other work. */
    @EachMode
    void threadsThatAreNoFibersStopWaiting() throws Exception {
        FiberListener listener = listener(Family.TCP);
        List<Thread> threads = new ArrayList<>();
        ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
        for (FiberTask wait : List.<FiberTask>of(listener::accept, () -> fibers.sleep(LONG))) {
            Thread thread =
                    new Thread(
                            () -> {
                                try {
                                    wait.run();
                                } catch (Exception e) {
                                    failures.add(e);
                                }
                            });
            thread.start();
            threads.add(thread);
        }
        for (Thread each : threads) {
            until("it waits", () -> LockSupport.getBlocker(each) instanceof Waiting);
        }
        loop.close();
        for (Thread each : threads) {
            until("it has ended", () -> !each.isAlive());
        }
        assertThat(failures).hasSize(2).hasOnlyElementsOfType(ClosedLoopException.class);
    }

    /** A fiber of mode loop must not wait for the thread that executes it. */
    @EachMode
    void fiberClosesTheGroupOfItsLoop() throws Exception {
        UloopGroup group = closing(UloopGroup.open(2));
        Fiber<?> closer = Fibers.on(group.loop(0), mode).start("closer", group::close);
        until("the fiber has ended", closer::isDone);
        group.close();
        assertThat(group.loop(0).isOpen()).isFalse();
        assertThat(group.loop(1).isOpen()).isFalse();
    }

    @EachMode
    void fiberThatComputesAfterTheEndHoldsUpNoOtherLoop() throws Exception {
        assumeTrue(mode == FiberMode.LOOP, "others have threads or processors for each fiber");
        ReentrantLock gate = new ReentrantLock();
        AtomicBoolean over = new AtomicBoolean();
        gate.lock();
        Fiber<?> computing =
                fibers.start(
                        "computing",
                        () -> {
                            gate.lock(); // which no interrupt ends
                            gate.unlock();
                            while (!over.get()) {
                                Thread.onSpinWait();
                            }
                        });
        Uloop second = closing(Uloop.builder().poller(provider).build());
        Fiber<?> other =
                Fibers.on(second, mode)
                        .start(
                                "other",
                                () -> {
                                    gate.lock();
                                    gate.unlock();
                                });
        for (Uloop each : List.of(loop, second)) {
            each.runOnce(0);
            each.close();
        }
        gate.unlock();
        until("the other fiber has ended", other::isDone);
        over.set(true);
        until("the fiber has ended", computing::isDone);
    }
}
