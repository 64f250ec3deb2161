package io.uloop.fiber;

import io.uloop.Uloop;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Creates the threads of fibers, in one {@link FiberMode}. Thread-safe. */
abstract class Carrier {
    private final FiberMode mode;

    Carrier(FiberMode mode) {
        this.mode = mode;
    }

    /** Returns the carrier of a mode. */
    static Carrier of(FiberMode mode, Uloop loop) {
        return switch (mode) {
            case LOOP -> new LoopCarrier(loop);
            case JDK -> new JdkCarrier(loop);
            case PLATFORM -> new OfPlatform();
        };
    }

    final FiberMode mode() {
        return mode;
    }

    /** Returns a thread that is not started. */
    abstract Thread thread(String name, Runnable task);

    /** Returns the task of the calling thread, or null if it is not known. */
    @Nullable Runnable running() {
        return null;
    }

    /**
     * Called before each system call. Lets the loop and other fibers go on if this one has made
     * many calls since it last waited.
     *
     * @param calls what this method returned for the channel's last call, at first 0
     */
    int giveWay(int calls) {
        return 0;
    }

    /** Lets other fibers run. */
    @SuppressWarnings("ThreadPriorityCheck")
    void letOthersRun() {
        Thread.yield();
    }

    /** Wakes a thread for an event, in a handler. */
    void wakeInTurn(Thread thread) {
        LockSupport.unpark(thread);
    }

    /** Called after the last turn of the loop, when no fiber waits for the loop any more. */
    void loopEnded() {}

    /** Throws if there is a reason why this mode does not work. */
    final void requireSupport(@Nullable String reason) {
        if (reason != null) {
            throw new UnsupportedOperationException(
                    "cannot run fibers in mode "
                            + mode.name().toLowerCase(Locale.ROOT)
                            + ": "
                            + reason);
        }
    }

    /** Creates platform threads. */
    private static final class OfPlatform extends Carrier {
        OfPlatform() {
            super(FiberMode.PLATFORM);
        }

        @Override
        Thread thread(String name, Runnable task) {
            Thread thread = new Thread(null, task, name);
            thread.setDaemon(true);
            return thread;
        }
    }
}
