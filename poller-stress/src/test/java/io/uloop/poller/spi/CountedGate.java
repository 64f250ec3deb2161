package io.uloop.poller.spi;

import java.util.concurrent.atomic.AtomicInteger;

/** A gate over a kernel that only counts, and notes what a gate must never do to it. */
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
     * @param insideSignal what a third thread does while one signals, which is when it matters
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

    /** Registers something; false if refused, also because it is closed. */
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

    int signals() {
        return signals.get();
    }

    int frees() {
        return frees.get();
    }

    /** Freed twice, too early, or too late for a signal; or two threads were inside at once. */
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
