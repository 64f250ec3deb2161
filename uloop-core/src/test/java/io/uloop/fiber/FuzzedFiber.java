package io.uloop.fiber;

import io.uloop.Uloop;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One fiber of the fuzzer. Makes operations and lets them be cancelled at random points: by
 * timeouts, and by interrupts of itself, of a timer, and of another thread. Checks that no
 * operation is interrupted more often than somebody asked for.
 *
 * <p>Not thread-safe, except {@link #interrupt}: call from the fiber.
 */
final class FuzzedFiber {
    private static final int LONGEST_MICROS = 2_000;

    private final CancellationFuzzer fuzzer;
    private final SplittableRandom random;

    /** Whether anybody may interrupt it. Otherwise, only timeouts cancel its operations. */
    private final boolean exposed;

    private final AtomicInteger requested = new AtomicInteger();
    private int delivered;
    private volatile Fiber<?> fiber;

    FuzzedFiber(CancellationFuzzer fuzzer, SplittableRandom random) {
        this.fuzzer = fuzzer;
        this.random = random;
        exposed = random.nextInt(3) > 0;
    }

    /** An operation that may wait. */
    interface Operation {
        void run() throws Exception;
    }

    /** What a fiber of the fuzzer does. */
    interface Code {
        void run(FuzzedFiber self) throws Exception;
    }

    CancellationFuzzer fuzzer() {
        return fuzzer;
    }

    SplittableRandom random() {
        return random;
    }

    Fibers fibers() {
        return fuzzer.fibers();
    }

    Uloop loop() {
        return fuzzer.fibers().loop();
    }

    /** Starts a fiber with its own random numbers. */
    Fiber<Void> start(String name, Code code) {
        return start(fuzzer, name, random.split(), code);
    }

    static Fiber<Void> start(
            CancellationFuzzer fuzzer, String name, SplittableRandom random, Code code) {
        FuzzedFiber self = new FuzzedFiber(fuzzer, random);
        return fuzzer.fibers().start(name, () -> self.run(code));
    }

    private void run(Code code) {
        fiber = fuzzer.fibers().current();
        if (exposed) {
            fuzzer.exposed().add(this);
        }
        try {
            code.run(this);
        } catch (Throwable e) { // all that sessions do not expect
            fuzzer.unexpected(fiber + " ends", e);
        } finally {
            fuzzer.exposed().remove(this);
        }
    }

    /** Interrupts the fiber, from any thread. */
    void interrupt() {
        requested.incrementAndGet();
        fiber.interrupt();
    }

    /**
     * Makes an operation that an interrupt must always end.
     *
     * @return null if it has completed, otherwise the exception that its cancellation has caused
     */
    Exception attempt(String name, Operation operation) throws Exception {
        return attempt(name, operation, true);
    }

    /** Makes an operation that may complete even if the fiber is interrupted before. */
    Exception attemptQuick(String name, Operation operation) throws Exception {
        return attempt(name, operation, false);
    }

    /** Makes an operation that does not end before it is cancelled. */
    void attemptForever(String name, Operation operation) throws Exception {
        int way = exposed ? random.nextInt(4) : 0;
        Exception cancellation = cancelled(name, operation, way, true);
        if (cancellation == null) {
            throw new AssertionError(name + " has ended without a cause");
        }
    }

    private Exception attempt(String name, Operation operation, boolean notices) throws Exception {
        int way = exposed ? random.nextInt(12) : random.nextInt(3) == 0 ? 0 : 4;
        return cancelled(name, operation, way, notices);
    }

    private Exception cancelled(String name, Operation operation, int way, boolean notices)
            throws Exception {
        String outcome = "done";
        try {
            switch (way) {
                case 0 -> within(operation);
                case 1 -> {
                    interrupt();
                    operation.run();
                    if (notices) {
                        throw new AssertionError(name + " does not notice an interrupt");
                    }
                }
                case 2 -> {
                    loop().execute(this::interruptSoon);
                    operation.run();
                }
                case 3 -> {
                    fuzzer.interruptElsewhere(this, random.nextInt(LONGEST_MICROS));
                    operation.run();
                }
                default -> operation.run();
            }
            return null;
        } catch (TimeoutException e) {
            outcome = "timed out";
            if (isInterruptedByNobody()) {
                throw new AssertionError(name + " stays interrupted after its timeout", e);
            }
            return (Exception) e.getCause();
        } catch (InterruptedIOException | InterruptedException e) {
            outcome = "interrupted";
            delivered++;
            if (delivered > requested.get() && !fuzzer.isEnding()) {
                throw new AssertionError(name + " is interrupted, but nobody has asked for it", e);
            }
            return e;
        } catch (IOException | RuntimeException | ExecutionException e) {
            outcome = e.getClass().getSimpleName();
            throw e;
        } finally {
            fuzzer.ended(name, outcome);
        }
    }

    private void within(Operation operation) throws Exception {
        Duration time = micros();
        if (random.nextInt(4) == 0) { // nested
            Duration inner = micros();
            fibers().callWithin(time, () -> withinOnce(inner, operation));
        } else {
            withinOnce(time, operation);
        }
        if (isInterruptedByNobody()) {
            throw new AssertionError("a timeout outlasts its code");
        }
    }

    /** Returns whether this fiber is interrupted, but neither on request nor by the loop's end. */
    private boolean isInterruptedByNobody() {
        return Thread.currentThread().isInterrupted()
                && requested.get() <= delivered
                && !fuzzer.isEnding(); // read last, as it is set before the loop interrupts
    }

    private Void withinOnce(Duration time, Operation operation) throws Exception {
        return fibers().callWithin(
                        time,
                        () -> {
                            operation.run();
                            return null;
                        });
    }

    private void interruptSoon() {
        try {
            loop().callLater(micros(), this::interrupt);
        } catch (IllegalStateException e) {
            // The loop is closed.
        }
    }

    /** Returns a short time, sometimes none. */
    Duration micros() {
        int bound = 1 << random.nextInt(11);
        return Duration.ofNanos(random.nextInt(bound) * 1_000L);
    }

    /** Waits for the end of a fiber, even if interrupted. */
    void join(Fiber<?> other) throws Exception {
        Exception cancelled;
        do {
            cancelled = attemptQuick("join", other::join);
        } while (cancelled != null);
    }

    /** Returns an empty buffer, direct or not, that is part of a larger one. */
    ByteBuffer buffer(int length) {
        int before = random.nextInt(3);
        ByteBuffer whole =
                random.nextBoolean()
                        ? ByteBuffer.allocate(before + length)
                        : ByteBuffer.allocateDirect(before + length);
        return whole.limit(before + length).position(before);
    }

    /** Checks what an interrupted operation says about the bytes that it has moved. */
    static void checkCount(String name, Exception cancellation, int moved) {
        if (cancellation instanceof InterruptedIOException e && e.bytesTransferred != moved) {
            throw new AssertionError(
                    name
                            + " says that it has moved "
                            + e.bytesTransferred
                            + " bytes, but it was "
                            + moved,
                    e);
        }
    }

    /** Returns whether an exception is how an operation ends when the loop is closed. */
    static boolean isEndOfLoop(Throwable e) {
        return e instanceof io.uloop.ClosedLoopException
                || e instanceof RejectedExecutionException
                || (e.getCause() != null && isEndOfLoop(e.getCause()));
    }
}
