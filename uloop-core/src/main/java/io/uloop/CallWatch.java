package io.uloop;

import io.uloop.poller.UEvent;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which callback a loop is in, for the {@link Watchdog}. The loop counts: odd during a callback,
 * even between; so one number that stays odd is one call that goes on. What is called is written
 * before the number turns odd, as in a sequence lock; what is read is right if the number is still
 * the same afterwards.
 *
 * <p>A descriptor's handler is not noted, only the descriptor: a reference stored per event would
 * have the collector look at it each time.
 */
final class CallWatch {
    private static final VarHandle SEQUENCE;

    static {
        try {
            SEQUENCE =
                    MethodHandles.lookup().findVarHandle(CallWatch.class, "sequence", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Uloop loop;
    private final long thresholdNanos;

    // The loop's.
    private long sequence;
    private int fd;
    private int events;
    private @Nullable String kind;
    private @Nullable Object callback;

    // The watchdog's.
    private long seen;
    private long sinceNanos;
    private boolean named;

    CallWatch(Uloop loop, long thresholdNanos) {
        this.loop = loop;
        this.thresholdNanos = thresholdNanos;
    }

    /** How often to look: a quarter of the threshold, in milliseconds. */
    long intervalMillis() {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(thresholdNanos / 4));
    }

    /** The loop is about to call a descriptor's handler. */
    void begin(int fd, int events) {
        VarHandle.storeStoreFence(); // the end of the call before
        this.fd = fd;
        this.events = events;
        SEQUENCE.setRelease(this, sequence + 1);
    }

    /** The loop is about to call something else. */
    void begin(String kind, Object callback) {
        VarHandle.storeStoreFence();
        this.kind = kind;
        this.callback = callback;
        SEQUENCE.setRelease(this, sequence + 1);
    }

    /** The call is over. */
    void end() {
        SEQUENCE.setOpaque(this, sequence + 1);
        callback = null;
    }

    /** Looks, and names a call that has gone on for the threshold; once. The watchdog's thread. */
    void sample() {
        long now = System.nanoTime();
        long current = (long) SEQUENCE.getAcquire(this);
        if (current != seen) {
            seen = current;
            sinceNanos = System.nanoTime();
            named = false;
        } else if ((current & 1) != 0 && !named && now - sinceNanos >= thresholdNanos) {
            named = true;
            name(current, now - sinceNanos);
        }
    }

    private void name(long call, long soFarNanos) {
        Thread thread = loop.runner();
        if (thread == null) {
            return;
        }
        Object other = callback;
        int descriptor = other == null ? fd : -1;
        Object called = other == null ? loop.handler(fd) : other;
        String handler = Callbacks.className(called);
        String what =
                other == null
                        ? "handler " + handler + " on fd=" + fd + " with " + UEvent.toString(events)
                        : kind + " " + handler;
        Throwable stack = new Throwable("thread " + thread.getName() + " is here");
        stack.setStackTrace(thread.getStackTrace());
        VarHandle.acquireFence();
        if (call != (long) SEQUENCE.getAcquire(this)) {
            return; // over by now, and what was read may be of the next
        }
        long soFarMillis = TimeUnit.NANOSECONDS.toMillis(soFarNanos);
        Log.warning(
                loop.name()
                        + ": "
                        + what
                        + " has not returned for "
                        + soFarMillis
                        + " ms; all else on this loop waits for it (blocking work belongs into"
                        + " callIn)",
                stack);
        if (Modules.HAS_JFR) {
            SlowHandlerEvent.record(
                    loop.name(), descriptor, Callbacks.type(called), thread, soFarNanos);
        }
    }
}
