package io.uloop.poller.spi;

import io.uloop.poller.ClosedPollerException;
import java.util.concurrent.atomic.AtomicInteger;

/** A gate over a fake kernel that counts calls and detects misuse by the gate. */
final class CountedGate {
    final PollGate gate = new PollGate(this::signal, this::free);

    private final AtomicInteger signals = new AtomicInteger();
    private final AtomicInteger frees = new AtomicInteger();
    private final AtomicInteger signalsUnderWay = new AtomicInteger();
    private final Runnable insideSignal;
    private volatile boolean inside;
    private volatile boolean broken;

    CountedGate() {
        this(() -> {});
    }

    /**
     * @param insideSignal runs during each signal, in place of a third thread
     */
    CountedGate(Runnable insideSignal) {
        this.insideSignal = insideSignal;
    }

    void enter() {
        gate.enter();
        breakIf(inside);
        inside = true;
    }

    void exit() {
        inside = false;
        gate.exit();
    }

    /** Registers something. Returns false if the gate rejects it or is closed. */
    boolean register() {
        try {
            gate.hold();
        } catch (IllegalStateException e) {
            return false;
        }
        breakIf(inside);
        inside = true;
        inside = false;
        gate.release();
        return true;
    }

    /** Lets others watch the poller. Returns false if it is closed. */
    boolean watch() {
        try {
            gate.hold();
        } catch (ClosedPollerException e) {
            return false;
        }
        gate.watch();
        gate.release();
        return true;
    }

    int signals() {
        return signals.get();
    }

    int frees() {
        return frees.get();
    }

    /**
     * Returns whether the gate was freed twice, too early or before a signal ended, or whether two
     * threads were inside at once.
     */
    boolean isBroken() {
        return broken;
    }

    private void signal() {
        signalsUnderWay.incrementAndGet();
        signals.incrementAndGet();
        insideSignal.run();
        breakIf(frees.get() > 0);
        signalsUnderWay.decrementAndGet();
    }

    private void free() {
        breakIf(frees.incrementAndGet() > 1 || inside || signalsUnderWay.get() > 0);
    }

    private void breakIf(boolean condition) {
        if (condition) {
            broken = true;
        }
    }
}
