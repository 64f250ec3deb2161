package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Tests timeouts around code. */
class CallWithinTest extends EachFiber {
    private static final Duration SHORT = Duration.ofMillis(5);
    private static final Duration LONG = Duration.ofDays(1);
    private static final Duration MAX = Duration.ofSeconds(Long.MAX_VALUE);

    /** Checks that no interrupt of a timeout reaches what follows. */
    private void assertNotInterrupted() throws InterruptedException {
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        fibers.sleep(Duration.ofMillis(1));
    }

    @EachMode
    void codeInTimeReturnsItsValue() throws Exception {
        run(
                () -> {
                    assertThat(fibers.<Integer>callWithin(LONG, () -> 42)).isEqualTo(42);
                    assertNotInterrupted();
                    settle();
                    assertThat(loop.metrics().timers()).isLessThanOrEqualTo(2); // of the run
                });
    }

    @EachMode
    void exceptionInTimePasses() throws Exception {
        run(
                () -> {
                    assertThatThrownBy(
                                    () ->
                                            fibers.callWithin(
                                                    LONG,
                                                    () -> {
                                                        throw new IOException("own");
                                                    }))
                            .isInstanceOf(IOException.class)
                            .hasMessage("own");
                    assertNotInterrupted();
                });
    }

    @EachMode
    void readThatExpiresThrowsAndLosesNothing() throws Exception {
        run(
                () -> {
                    Pair pair = pair();
                    ByteBuffer target = ByteBuffer.allocate(3);
                    assertThatExceptionOfType(TimeoutException.class)
                            .isThrownBy(
                                    () ->
                                            fibers.callWithin(
                                                    SHORT, () -> pair.server().read(target)))
                            .withMessage("fiber test took more than 5 ms")
                            .withCauseInstanceOf(InterruptedIOException.class);
                    assertNotInterrupted();
                    pair.client().write(bytes("abc"));
                    pair.server().readFully(target);
                    assertThat(text(target)).isEqualTo("abc");
                });
    }

    @EachMode
    void callsOfTheJdkExpire() throws Exception {
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        run(
                () -> {
                    assertThatExceptionOfType(TimeoutException.class)
                            .isThrownBy(() -> fibers.callWithin(SHORT, queue::take));
                    assertNotInterrupted();
                    assertThatExceptionOfType(TimeoutException.class)
                            .isThrownBy(
                                    () ->
                                            fibers.callWithin(
                                                    SHORT,
                                                    () -> {
                                                        Thread.sleep(100_000);
                                                        return 1;
                                                    }));
                    assertNotInterrupted();
                    queue.add("left");
                    assertThat(fibers.callWithin(LONG, queue::take)).isEqualTo("left");
                });
    }

    @EachMode
    void noTimeInterruptsTheFirstWait() throws Exception {
        run(
                () -> {
                    for (Duration each : new Duration[] {Duration.ZERO, Duration.ofSeconds(-1)}) {
                        assertThatExceptionOfType(TimeoutException.class)
                                .isThrownBy(() -> fibers.callWithin(each, () -> sleepFor(LONG)));
                        assertNotInterrupted();
                    }
                });
    }

    @EachMode
    void longestTimesDoNotOverflow() throws Exception {
        run(
                () -> {
                    for (Duration each : new Duration[] {Duration.ofDays(300 * 365), MAX}) {
                        assertThat(fibers.<Integer>callWithin(each, () -> 42)).isEqualTo(42);
                        assertNotInterrupted();
                    }
                    assertThatExceptionOfType(TimeoutException.class)
                            .isThrownBy(
                                    () -> fibers.callWithin(MAX.negated(), () -> sleepFor(LONG)));
                });
    }

    @EachMode
    void missingTimeIsRefused() throws Exception {
        run(
                () ->
                        assertThatExceptionOfType(NullPointerException.class)
                                .isThrownBy(() -> fibers.callWithin(null, () -> 42)));
    }

    private int sleepFor(Duration time) throws InterruptedException {
        fibers.sleep(time);
        return 1;
    }

    @EachMode
    void innerTimeoutEndsOnlyTheInnerCode() throws Exception {
        run(
                () -> {
                    int value =
                            fibers.callWithin(
                                    LONG,
                                    () -> {
                                        assertThatExceptionOfType(TimeoutException.class)
                                                .isThrownBy(
                                                        () ->
                                                                fibers.callWithin(
                                                                        SHORT,
                                                                        () -> sleepFor(LONG)));
                                        assertNotInterrupted();
                                        return 7;
                                    });
                    assertThat(value).isEqualTo(7);
                    assertNotInterrupted();
                });
    }

    @EachMode
    void outerTimeoutEndsTheInnerCodeToo() throws Exception {
        run(
                () -> {
                    AtomicInteger innerTimeouts = new AtomicInteger();
                    assertThatExceptionOfType(TimeoutException.class)
                            .isThrownBy(
                                    () ->
                                            fibers.callWithin(
                                                    SHORT,
                                                    () -> {
                                                        try {
                                                            return fibers.callWithin(
                                                                    LONG, () -> sleepFor(LONG));
                                                        } catch (TimeoutException e) {
                                                            innerTimeouts.incrementAndGet();
                                                            throw e;
                                                        }
                                                    }));
                    assertThat(innerTimeouts).hasValue(0);
                    assertNotInterrupted();
                });
    }

    @EachMode
    void bothTimeoutsExpireAtTheSameTime() throws Exception {
        run(
                () -> {
                    for (int i = 0; i < 30; i++) {
                        assertThatExceptionOfType(TimeoutException.class)
                                .isThrownBy(
                                        () ->
                                                fibers.callWithin(
                                                        Duration.ofMillis(1),
                                                        () -> {
                                                            try {
                                                                fibers.callWithin(
                                                                        Duration.ofMillis(1),
                                                                        () -> sleepFor(LONG));
                                                            } catch (TimeoutException e) {
                                                                // the outer one ends the next wait
                                                            }
                                                            return sleepFor(LONG);
                                                        }));
                        assertNotInterrupted();
                    }
                });
    }

    /** The interrupt of an outer timeout that comes just before must not be taken back with it. */
    @EachMode
    void outerTimeoutIsCheckedAfterTheInterruptIsTakenBack() throws Exception {
        run(
                () -> {
                    Fiber<?> fiber = Objects.requireNonNull(fibers.current());
                    int before = fiber.receivedInterrupts();
                    Thread.currentThread().interrupt();
                    fiber.takeBackInterrupt(
                            before,
                            () -> {
                                assertThat(Thread.currentThread().isInterrupted()).isFalse();
                                return true;
                            });
                    assertThat(Thread.interrupted()).isTrue();
                });
    }

    @EachMode
    void interruptOfTheFiberPassesAsItIs() throws Exception {
        run(
                () -> {
                    Fiber<?> fiber =
                            fibers.start(
                                    "limited", () -> fibers.callWithin(LONG, () -> sleepFor(LONG)));
                    awaitState(fiber, FiberState.SLEEPING);
                    fiber.interrupt();
                    assertThatThrownBy(fiber::join).hasCauseInstanceOf(InterruptedException.class);
                });
    }

    /** Whichever comes first, the interrupt is neither swallowed nor does it come twice. */
    @EachMode
    void interruptAtTheTimeOfTheExpiryComesOnce() throws Exception {
        run(
                () -> {
                    for (int i = 0; i < 60; i++) {
                        AtomicInteger interrupts = new AtomicInteger();
                        Fiber<?> fiber = fibers.start("limited", () -> countInterrupts(interrupts));
                        fibers.sleep(Duration.ofNanos(2_000_000 + i * 20_000L));
                        fiber.interrupt();
                        fiber.join();
                        assertThat(interrupts).hasValue(1);
                    }
                });
    }

    @EachMode
    void interruptFromBeforeIsReceivedEvenIfTheTimeIsOver() throws Exception {
        run(
                () -> {
                    Thread.currentThread().interrupt();
                    try {
                        fibers.callWithin(Duration.ofMillis(1), () -> sleepFor(LONG, 30));
                        throw new AssertionError("not interrupted");
                    } catch (InterruptedException e) {
                        return; // before the time was over
                    } catch (TimeoutException e) {
                        assertThatThrownBy(() -> fibers.sleep(LONG))
                                .isInstanceOf(InterruptedException.class);
                    }
                });
    }

    /** Computes for some time, and then sleeps. */
    private Object sleepFor(Duration duration, int firstMillis) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofMillis(firstMillis).toNanos();
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        return sleepFor(duration);
    }

    private void countInterrupts(AtomicInteger interrupts) throws Exception {
        try {
            fibers.callWithin(Duration.ofMillis(2), () -> sleepFor(LONG));
        } catch (TimeoutException e) {
            // The interrupt comes in a later wait.
        } catch (InterruptedException e) {
            interrupts.incrementAndGet();
        }
        try {
            while (interrupts.get() == 0) {
                fibers.sleep(LONG);
            }
            fibers.sleep(Duration.ofMillis(1));
        } catch (InterruptedException e) {
            interrupts.incrementAndGet();
        }
        try {
            fibers.sleep(Duration.ofMillis(1));
        } catch (InterruptedException e) {
            interrupts.incrementAndGet();
        }
    }

    @EachMode
    void codeThatIgnoresTheInterruptReturnsItsValue() throws Exception {
        run(
                () -> {
                    int value =
                            fibers.callWithin(
                                    SHORT,
                                    () -> {
                                        try {
                                            fibers.sleep(LONG);
                                        } catch (InterruptedException e) {
                                            // continues
                                        }
                                        return 3;
                                    });
                    assertThat(value).isEqualTo(3);
                    assertNotInterrupted();
                });
    }

    @EachMode
    void busyCodeIsInterruptedWithoutAWait() throws Exception {
        run(
                () -> {
                    long value =
                            fibers.callWithin(
                                    SHORT,
                                    () -> {
                                        long turns = 0;
                                        while (!Thread.currentThread().isInterrupted()) {
                                            turns++;
                                            Thread.yield();
                                        }
                                        return turns;
                                    });
                    assertThat(value).isPositive();
                    assertNotInterrupted();
                });
    }

    @EachMode
    void otherThreadsCannotLimitTheirTime() throws Exception {
        Fibers other = Fibers.on(build(provider), mode);
        assertThatIllegalStateException()
                .isThrownBy(() -> fibers.callWithin(LONG, () -> 1))
                .withMessageContaining("only fibers of Fibers[mode=");
        run(
                () ->
                        assertThatIllegalStateException()
                                .isThrownBy(() -> other.callWithin(LONG, () -> 1)));
    }
}
