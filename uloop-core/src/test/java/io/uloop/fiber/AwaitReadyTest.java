package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.Uloop;
import io.uloop.poller.Descriptors;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

class AwaitReadyTest extends EachFiber {
    private void assertNothingRegistered() {
        assertThat(loop.metrics().descriptors()).isZero();
        assertThat(loop.metrics().timers()).isLessThanOrEqualTo(2); // those of the run
    }

    @EachMode
    void readyDescriptorReturnsItsEvents() throws Exception {
        int fd = readablePipe();
        run(
                () -> {
                    assertThat(fibers.awaitReady(fd, UEvent.IN)).isEqualTo(UEvent.IN);
                    assertThat(fibers.awaitReady(fd, UEvent.IN, Duration.ZERO))
                            .isEqualTo(UEvent.IN);
                    assertNothingRegistered();
                });
    }

    /** Also in a turn that calls nothing else. */
    @EachMode(FiberMode.LOOP)
    void timeOfFibersOnTheLoopsThreadIsBusy() throws Exception {
        long second = TimeUnit.SECONDS.toNanos(1);
        AtomicLong clock = new AtomicLong();
        int fd = readablePipe();
        try (Uloop timed = Uloop.builder().poller(loop.provider()).clock(clock::get).build()) {
            Fibers own = Fibers.on(timed, FiberMode.LOOP);
            own.start(
                    "works",
                    () -> {
                        for (int i = 0; i < 3; i++) { // until turns call nothing else
                            own.awaitReady(fd, UEvent.IN);
                        }
                        clock.addAndGet(second);
                        own.awaitReady(fd, UEvent.IN);
                        timed.stop();
                    });
            timed.run();
            assertThat(timed.metrics().busyNanos()).isEqualTo(second);
            assertThat(timed.metrics().idleNanos()).isZero();
        }
    }

    @EachMode
    void waitEndsWhenTheDescriptorBecomesReady() throws Exception {
        Descriptors.Pipe pipe = pipe();
        run(
                () -> {
                    Fiber<Integer> waiting =
                            fibers.start(
                                    "waiting", () -> fibers.awaitReady(pipe.readEnd(), UEvent.IN));
                    awaitState(waiting, FiberState.WAITING_FOR_DESCRIPTOR);
                    assertThat(waiting.info().fd()).isEqualTo(pipe.readEnd());
                    assertThat(waiting.info().events()).isEqualTo(UEvent.IN);
                    write(pipe.writeEnd(), "x");
                    assertThat(waiting.join()).isEqualTo(UEvent.IN);
                    assertNothingRegistered();
                });
    }

    @EachMode
    void timeoutReturnsZeroAndDeregisters() throws Exception {
        Descriptors.Pipe pipe = pipe();
        run(
                () -> {
                    for (Duration each : List.of(Duration.ofSeconds(-1), Duration.ZERO)) {
                        assertThat(fibers.awaitReady(pipe.readEnd(), UEvent.IN, each)).isZero();
                    }
                    long start = System.nanoTime();
                    Duration time = Duration.ofMillis(20);
                    assertThat(fibers.awaitReady(pipe.readEnd(), UEvent.IN, time)).isZero();
                    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(time.toNanos());
                    assertNothingRegistered();
                    close(pipe.readEnd());
                });
    }

    /**
     * A change of the registrations may enter monitors of the JDK: on native backends the one in
     * which all threads allocate direct memory, on select those of a channel.
     */
    @EachMode(FiberMode.LOOP)
    void fiberAtAMonitorInsideAChangeLeavesThePollerToOthers() throws Exception {
        Pipe channels = Pipe.open();
        closing(channels.source()).configureBlocking(false);
        closing(channels.sink());
        Object monitor =
                isNative()
                        ? Class.forName("jdk.internal.ref.Cleaner")
                        : channels.source().blockingLock();
        Descriptors.Pipe first = pipe();
        Descriptors.Pipe second = pipe();
        try (HeldMonitor held = new HeldMonitor(monitor)) {
            run(
                    () -> {
                        Duration soon = Duration.ofMillis(1);
                        assertThat(fibers.awaitReady(second.readEnd(), UEvent.IN, soon)).isZero();
                        held.hold();
                        Fiber<Integer> changes =
                                fibers.start(
                                        "changes",
                                        () -> {
                                            if (!isNative()) {
                                                loop.add(
                                                                channels.source(),
                                                                UEvent.IN,
                                                                (fd, e) -> {})
                                                        .close();
                                            }
                                            return fibers.awaitReady(first.readEnd(), UEvent.IN);
                                        });
                        assertThat(fibers.awaitReady(second.readEnd(), UEvent.IN, soon)).isZero();
                        held.release();
                        awaitState(changes, FiberState.WAITING_FOR_DESCRIPTOR);
                        write(first.writeEnd(), "x");
                        assertThat(changes.join()).isEqualTo(UEvent.IN);
                    });
        }
    }

    @EachMode
    void readinessBeforeTheTimeoutCancelsIt() throws Exception {
        Descriptors.Pipe pipe = pipe();
        run(
                () -> {
                    Fiber<Integer> waiting =
                            fibers.start(
                                    "waiting",
                                    () ->
                                            fibers.awaitReady(
                                                    pipe.readEnd(), UEvent.IN, Duration.ofDays(1)));
                    awaitState(waiting, FiberState.WAITING_FOR_DESCRIPTOR);
                    write(pipe.writeEnd(), "x");
                    assertThat(waiting.join()).isEqualTo(UEvent.IN);
                    settle();
                    assertNothingRegistered();
                });
    }

    @EachMode
    void registeredDescriptorIsRefused() throws Exception {
        int fd = readablePipe();
        loop.add(fd, UEvent.NONE, (ready, events) -> {});
        run(
                () ->
                        assertThatThrownBy(() -> fibers.awaitReady(fd, UEvent.IN))
                                .hasMessageContaining("EEXIST"));
        assertThat(loop.toString()).contains("descriptors=1");
        loop.remove(fd);
    }

    @EachMode
    void secondWaiterForADescriptorIsRefused() throws Exception {
        Descriptors.Pipe pipe = pipe();
        run(
                () -> {
                    Fiber<Integer> first =
                            fibers.start(
                                    "first", () -> fibers.awaitReady(pipe.readEnd(), UEvent.IN));
                    awaitState(first, FiberState.WAITING_FOR_DESCRIPTOR);
                    assertThatThrownBy(() -> fibers.awaitReady(pipe.readEnd(), UEvent.IN))
                            .hasMessageContaining("EEXIST");
                    write(pipe.writeEnd(), "x");
                    assertThat(first.join()).isEqualTo(UEvent.IN);
                });
    }

    @EachMode
    void closedDescriptorIsRefused() throws Exception {
        int fd = highPipe().readEnd();
        close(fd);
        run(
                () ->
                        assertThatThrownBy(() -> fibers.awaitReady(fd, UEvent.IN))
                                .hasMessageContaining("EBADF"));
    }

    @EachMode
    void regularFileIsRefused() throws Exception {
        Path file = Files.createFile(directory().resolve("file"));
        int fd = nativeDescriptors().open(file, StandardOpenOption.READ);
        track(fd);
        run(
                () -> {
                    if (!provider.name().equals("kqueue")) {
                        assertThatThrownBy(() -> fibers.awaitReady(fd, UEvent.IN))
                                .hasMessageContaining("EPERM");
                    } else { // always ready
                        assertThat(fibers.awaitReady(fd, UEvent.IN)).isEqualTo(UEvent.IN);
                    }
                    assertNothingRegistered();
                });
    }

    @EachMode
    void modesAreRefused() throws Exception {
        run(
                () ->
                        assertThatIllegalArgumentException()
                                .isThrownBy(() -> fibers.awaitReady(0, UEvent.IN | UEvent.EDGE))
                                .withMessageContaining("EDGE"));
    }

    @EachMode
    void waitInACallbackIsRefused() throws IOException {
        List<Boolean> called = new ArrayList<>();
        loop.execute(
                () -> {
                    assertThatIllegalStateException()
                            .isThrownBy(() -> fibers.awaitReady(0, UEvent.IN))
                            .withMessageContaining("start a fiber for it");
                    called.add(true);
                });
        loop.runOnce(0);
        assertThat(called).hasSize(1);
    }

    @EachMode
    void interruptEndsTheWaitAndTheRegistration() throws Exception {
        Descriptors.Pipe pipe = pipe();
        run(
                () -> {
                    for (Duration timeout : new Duration[] {null, Duration.ofDays(1)}) {
                        Fiber<Integer> waiting =
                                fibers.start(
                                        "waiting",
                                        () ->
                                                timeout == null
                                                        ? fibers.awaitReady(
                                                                pipe.readEnd(), UEvent.IN)
                                                        : fibers.awaitReady(
                                                                pipe.readEnd(),
                                                                UEvent.IN,
                                                                timeout));
                        awaitState(waiting, FiberState.WAITING_FOR_DESCRIPTOR);
                        waiting.interrupt();
                        assertThatThrownBy(waiting::join)
                                .hasCauseInstanceOf(InterruptedException.class);
                        settle();
                        assertNothingRegistered();
                    }
                    write(pipe.writeEnd(), "x");
                    assertThat(fibers.awaitReady(pipe.readEnd(), UEvent.IN)).isEqualTo(UEvent.IN);
                });
    }

    @EachMode
    void threadsThatAreNoFibersMayWait() throws Exception {
        Descriptors.Pipe pipe = pipe();
        run(
                () -> {
                    var waiting = inBackground(() -> fibers.awaitReady(pipe.readEnd(), UEvent.IN));
                    write(pipe.writeEnd(), "x");
                    await(waiting::isDone);
                    assertThat(result(waiting)).isEqualTo(UEvent.IN);
                });
    }

    /** Fibers may start to wait while another thread takes the loop in order to run it. */
    @EachMode
    void waitsMayStartBeforeTheLoopRuns() throws Exception {
        for (int round = 0; round < 20; round++) {
            List<Fiber<Integer>> all = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                int fd = readablePipe();
                all.add(fibers.start("waiting", () -> fibers.awaitReady(fd, UEvent.IN)));
            }
            runFibers();
            for (Fiber<Integer> each : all) {
                assertThat(each.join()).isEqualTo(UEvent.IN);
            }
        }
    }

    @EachMode
    void sleepTakesAtLeastItsTime() throws Exception {
        run(
                () -> {
                    Duration time = Duration.ofMillis(15);
                    long start = System.nanoTime();
                    fibers.sleep(time);
                    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(time.toNanos());
                    fibers.sleep(Duration.ZERO);
                    fibers.sleep(Duration.ofSeconds(-1));
                });
    }

    @EachMode
    void interruptEndsASleepAndItsTimer() throws Exception {
        run(
                () -> {
                    Fiber<?> sleeper = fibers.start("s", () -> fibers.sleep(Duration.ofDays(1)));
                    awaitState(sleeper, FiberState.SLEEPING);
                    sleeper.interrupt();
                    assertThatThrownBy(sleeper::join)
                            .hasCauseInstanceOf(InterruptedException.class);
                    settle();
                    assertNothingRegistered();
                });
    }

    @EachMode
    void sleepersWakeInTheOrderOfTheirTimes() throws Exception {
        List<Integer> order = java.util.Collections.synchronizedList(new ArrayList<>());
        run(
                () -> {
                    for (int each : new int[] {3, 1, 2}) {
                        fibers.start(
                                "sleeper " + each,
                                () -> {
                                    fibers.sleep(Duration.ofMillis(200L * each));
                                    order.add(each);
                                });
                    }
                });
        if (mode == FiberMode.LOOP) { // otherwise the operating system orders the threads
            assertThat(order).containsExactly(1, 2, 3);
        }
        assertThat(order).containsExactlyInAnyOrder(1, 2, 3);
    }
}
