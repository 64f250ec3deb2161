package io.uloop.observe;

import io.uloop.poller.UEvent;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Records the callback that a loop is executing, for the {@link Watchdog}. The loop increments a
 * sequence number when a callback starts and when it ends, so the number is odd during a callback.
 * If the watchdog sees the same odd number twice, the same call is still running. As in a sequence
 * lock, the loop writes the details of a call before the number becomes odd, and what the watchdog
 * reads is valid if the number is the same afterwards.
 *
 * <p>For a handler only its descriptor is recorded. Storing a reference for each event would cost a
 * garbage collector barrier each time.
 */
final class CurrentCall {
    private static final VarHandle SEQUENCE;

    static {
        try {
            SEQUENCE =
                    MethodHandles.lookup().findVarHandle(CurrentCall.class, "sequence", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final LoopView loop;
    private final long thresholdNanos;
    private final SlowCalls slow = new SlowCalls();

    // Written by the loop.
    private long sequence;
    private int fd;
    private int events;
    private @Nullable String kind;
    private @Nullable Object callback;

    // Used by the watchdog only.
    private long seen;
    private long sinceNanos;
    private boolean named;

    /**
     * Creates a record of no call.
     *
     * @param loop the loop that makes the calls
     * @param thresholdNanos how long a call may take, more than 0
     */
    CurrentCall(LoopView loop, long thresholdNanos) {
        this.loop = loop;
        this.thresholdNanos = thresholdNanos;
    }

    long thresholdNanos() {
        return thresholdNanos;
    }

    SlowCalls slow() {
        return slow;
    }

    /** {@return the sampling interval, a quarter of the threshold, in milliseconds} */
    long intervalMillis() {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(thresholdNanos / 4));
    }

    /**
     * Records that the loop is about to call a descriptor's handler.
     *
     * @param fd the descriptor
     * @param events its ready events
     */
    void begin(int fd, int events) {
        VarHandle.storeStoreFence(); // the end of the previous call
        this.fd = fd;
        this.events = events;
        SEQUENCE.setRelease(this, sequence + 1);
    }

    /**
     * Records that the loop is about to call another callback.
     *
     * @param kind the kind of callback, for messages
     * @param callback the callback
     */
    void begin(String kind, Object callback) {
        VarHandle.storeStoreFence();
        this.kind = kind;
        this.callback = callback;
        SEQUENCE.setRelease(this, sequence + 1);
    }

    /** Records that the call has returned. */
    void end() {
        SEQUENCE.setOpaque(this, sequence + 1);
        callback = null;
    }

    /** Logs a call that has lasted for the threshold, once. Runs on the watchdog's thread. */
    void sample() {
        long now = System.nanoTime();
        long current = (long) SEQUENCE.getAcquire(this);
        if (current != seen) {
            if (named) {
                slow.update(now - sinceNanos, false);
            }
            seen = current;
            sinceNanos = System.nanoTime();
            named = false;
        } else if (named) {
            slow.update(now - sinceNanos, true);
        } else if ((current & 1) != 0 && now - sinceNanos >= thresholdNanos) {
            name(current, now - sinceNanos);
        }
    }

    private String describe(@Nullable Object other, @Nullable Object called, Thread executing) {
        if (other == null) {
            return "handler "
                    + Callbacks.className(Callbacks.program(called))
                    + " on fd="
                    + fd
                    + " with "
                    + UEvent.toString(events);
        }
        return kind
                + " "
                + (other instanceof Callbacks.OnThread
                        ? executing.getName()
                        : Callbacks.className(called));
    }

    /** Returns what to do about a virtual thread that keeps the loop's thread. */
    private static String advice(Thread virtual) {
        return virtual.getState() == Thread.State.RUNNABLE
                ? "move long computations to callIn"
                : "it waits while it is pinned: wait outside native frames and, before JDK 24,"
                        + " outside synchronized blocks";
    }

    /** Reports a call unless it has returned meanwhile, once even if the log fails. */
    private void name(long call, long soFarNanos) {
        Thread thread = loop.runner();
        if (thread == null) {
            return;
        }
        Object other = callback;
        int descriptor = other == null ? fd : -1;
        Object called = other == null ? loop.handler(fd) : other;
        Thread executing = other instanceof Callbacks.OnThread own ? own.thread() : thread;
        String what = describe(other, called, executing);
        String advice = executing == thread ? "move blocking work to callIn" : advice(executing);
        Throwable stack = new Throwable("thread " + executing.getName() + " is here");
        stack.setStackTrace(executing.getStackTrace());
        VarHandle.acquireFence();
        if (call != (long) SEQUENCE.getAcquire(this)) {
            return; // returned meanwhile: the values may be those of the next call
        }
        named = true;
        slow.add(what, soFarNanos);
        long soFarMillis = TimeUnit.NANOSECONDS.toMillis(soFarNanos);
        Log.warning(
                loop.name()
                        + ": "
                        + what
                        + " has not returned for "
                        + soFarMillis
                        + " ms and blocks its loop; "
                        + advice,
                stack);
        if (Modules.HAS_JFR) {
            SlowHandlerEvent.record(
                    loop.name(), descriptor, Callbacks.type(called), thread, soFarNanos);
        }
    }
}
