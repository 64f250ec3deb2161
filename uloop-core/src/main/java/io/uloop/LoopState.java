package io.uloop;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** Whether one loop is open and continues to run. Thread-safe. */
final class LoopState {
    private final String name;

    /** Counts unfinished futures, processes and fibers. */
    private final AtomicInteger awaited = new AtomicInteger();

    private volatile boolean stopRequested;
    private volatile boolean closed;

    /** Creates the state of an open loop. */
    LoopState(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    boolean isOpen() {
        return !closed;
    }

    void close() {
        closed = true;
    }

    /** {@return whether the run ends after this turn} */
    boolean isEnding() {
        return stopRequested || closed;
    }

    boolean isStopRequested() {
        return stopRequested;
    }

    void requestStop() {
        stopRequested = true;
    }

    /** Forgets earlier stops when a run ends. */
    void consumeStop() {
        stopRequested = false;
    }

    /** {@return the number of unfinished futures, processes and fibers} */
    int awaited() {
        return awaited.get();
    }

    /**
     * Changes the number of unfinished futures, processes and fibers: an idle run waits for them.
     */
    void awaited(int change) {
        awaited.addAndGet(change);
    }

    /**
     * Checks that the loop is open.
     *
     * @throws ClosedLoopException if it is closed
     */
    void requireOpen() {
        if (closed) {
            throw closedException();
        }
    }

    ClosedLoopException closedException() {
        return new ClosedLoopException(name + " is closed; open another loop with Uloop.open()");
    }

    /** {@return the exception for a task that a closed loop does not take} */
    RejectedExecutionException rejection() {
        ClosedLoopException cause = closedException();
        return new RejectedExecutionException(cause.getMessage(), cause);
    }
}
