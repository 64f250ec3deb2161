package io.uloop.observe;

import io.uloop.poller.Descriptors;
import io.uloop.poller.EventSink;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Observes one loop: counts what it does, and finds slow callbacks and spinning descriptors if
 * configured.
 *
 * <p>Not thread-safe: call from the loop's thread, unless stated otherwise. {@link #counters} may
 * be read by any thread.
 */
public final class LoopObserver {
    private final LoopView loop;
    private final LoopCounters counters;
    private final @Nullable CurrentCall calls;
    private final @Nullable SpinDetector spins;

    /** Null while nobody watches the registrations. */
    private volatile @Nullable RegistrationTimes times;

    private int turnWatchers; // guarded by this, as the next
    private int registrationWatchers;

    /**
     * Creates an observer.
     *
     * @param loop the loop
     * @param descriptors counts what each descriptor of the loop has transferred
     * @param clock the loop's clock in nanoseconds
     * @param timed whether to measure busy and idle time
     * @param slowNanos how long a callback may take; 0 for any time
     * @param spinNanos how long a descriptor may spin; 0 for any time
     */
    public LoopObserver(
            LoopView loop,
            Descriptors descriptors,
            LongSupplier clock,
            boolean timed,
            long slowNanos,
            long spinNanos) {
        this.loop = loop;
        counters = new LoopCounters(clock, timed);
        calls = slowNanos == 0 ? null : new CurrentCall(loop, slowNanos);
        boolean countsActivity = descriptors.activity(0) >= 0;
        spins =
                spinNanos == 0 || !countsActivity
                        ? null
                        : new SpinDetector(loop, descriptors, clock.getAsLong(), spinNanos);
    }

    /** {@return ends the sampling of slow callbacks, which starts with this call} */
    public Runnable startWatchdog() {
        return calls == null ? () -> {} : Watchdog.start(calls);
    }

    /** Starts to measure how long each turn takes. Thread-safe. */
    public synchronized void watchTurns() {
        turnWatchers++;
        counters.measureTurns(true);
    }

    /** Reverts one {@link #watchTurns}. Thread-safe. */
    public synchronized void unwatchTurns() {
        counters.measureTurns(--turnWatchers > 0);
    }

    /** Starts to note when descriptors are registered. Thread-safe. */
    public synchronized void watchRegistrations() {
        if (registrationWatchers++ == 0) {
            times = new RegistrationTimes();
        }
    }

    /** Reverts one {@link #watchRegistrations}. Thread-safe. */
    public synchronized void unwatchRegistrations() {
        if (--registrationWatchers == 0) {
            times = null;
        }
    }

    /**
     * Returns the registered descriptors, as an estimate. Reads the table of the loop, which is not
     * involved and may be blocked. Thread-safe.
     *
     * @param max how many to list, 0 or more
     * @param maxCounted how many to count by their handlers, {@code max} or more
     * @return the descriptors
     */
    public WatchedDescriptors descriptors(int max, int maxCounted) {
        List<WatchedDescriptor> listed = new ArrayList<>();
        Map<Class<?>, Integer> byHandler = new LinkedHashMap<>();
        RegistrationTimes noted = times;
        int limit = loop.limit();
        int counted = 0;
        for (int fd = 0; fd < limit && counted < maxCounted; fd++) {
            Object callback = loop.handler(fd);
            if (callback != null) {
                Object program = Callbacks.program(callback);
                Class<?> via = callback.getClass();
                Class<?> handler = program == null ? via : program.getClass();
                byHandler.merge(handler, 1, Integer::sum);
                counted++;
                if (listed.size() < max) {
                    listed.add(
                            new WatchedDescriptor(
                                    fd,
                                    loop.interest(fd),
                                    handler,
                                    via == handler ? null : via,
                                    noted == null ? -1 : noted.ageNanos(fd)));
                }
            }
        }
        return new WatchedDescriptors(listed, byHandler);
    }

    /** {@return how many slow callbacks the watchdog has found} Thread-safe. */
    public long slowCallCount() {
        return calls == null ? 0 : calls.slow().count();
    }

    /** {@return the last slow callbacks, the newest first} Thread-safe. */
    public List<SlowCall> slowCalls() {
        return calls == null ? List.of() : calls.slow().last();
    }

    /** {@return how long a callback may take, in nanoseconds; 0 for any time} Thread-safe. */
    public long slowThresholdNanos() {
        return calls == null ? 0 : calls.thresholdNanos();
    }

    /** {@return what watchdogs see of the loop} Thread-safe. */
    public LoopView view() {
        return loop;
    }

    /** {@return the loop's counters} */
    public LoopCounters counters() {
        return counters;
    }

    /**
     * Records the start of a turn.
     *
     * @param now the loop's time
     * @param sink the loop's sink
     * @return the sink for this turn, which passes all events to the loop's sink
     */
    public EventSink turnBegins(long now, EventSink sink) {
        counters.turnBegins(now);
        return spins == null ? sink : spins.turnBegins(now, sink);
    }

    /**
     * Counts calls made before or after the wait.
     *
     * @param timers calls of timers
     * @param tasks calls of tasks
     * @param others calls of hooks, or of others that are not counted
     */
    public void called(int timers, int tasks, int others) {
        counters.called(timers, tasks, others);
    }

    /**
     * Records the start of a wait.
     *
     * @param limitNanos its limit; 0 does not wait, a negative limit waits forever
     */
    public void waitBegins(long limitNanos) {
        counters.waitBegins(limitNanos);
    }

    /**
     * Records the start of a wait until a timer.
     *
     * @param deadlineNanos the time of the timer, which is in the future
     */
    public void waitBeginsUntil(long deadlineNanos) {
        counters.waitBeginsUntil(deadlineNanos);
    }

    /**
     * Records the end of a wait, at its first event or when it returns.
     *
     * @param now the time in nanoseconds
     */
    public void waitEnds(long now) {
        counters.waitEnds(now);
    }

    /** Records that a busy poll has found nothing, so the time until the next turn is idle. */
    public void idles() {
        counters.idles();
    }

    /** Records the end of a wait that took no time, because events were ready. */
    public void waitSkipped() {
        counters.waitSkipped();
    }

    /**
     * Counts the events of a poll after its wait has ended.
     *
     * @param events the number of events
     */
    public void polled(int events) {
        counters.polled(events);
        // The classes of events load about 140 others, so they wait until a recording is started.
        if (Modules.HAS_JFR && FlightRecorder.isInitialized()) {
            PollEvent.record(loop.name(), counters.waitedNanos(), events);
        }
    }

    /**
     * Publishes the counts of a turn.
     *
     * @param moreEvents events that were dispatched without a poll
     */
    public void turnEnds(int moreEvents) {
        counters.turnEnds(moreEvents);
    }

    /** Stops the time until the next run. */
    public void runEnds() {
        counters.runEnds();
    }

    /**
     * Records that the loop is about to call the handler of a descriptor.
     *
     * @param fd the descriptor
     * @param events its ready events
     */
    public void callBegins(int fd, int events) {
        if (calls != null) {
            calls.begin(fd, events);
        }
    }

    /**
     * Records that the loop is about to call another callback.
     *
     * @param kind the kind of callback, for messages
     * @param callback the callback
     */
    public void callBegins(String kind, Object callback) {
        if (calls != null) {
            calls.begin(kind, callback);
        }
    }

    /** Records that the call has returned. */
    public void callEnds() {
        if (calls != null) {
            calls.end();
        }
    }

    /**
     * Records that a descriptor is being registered.
     *
     * @param fd the descriptor
     * @param interest its interest
     * @param counted false for a JDK channel, whose I/O is not counted
     */
    public void added(int fd, int interest, boolean counted) {
        RegistrationTimes noted = times;
        if (noted != null) {
            noted.added(fd);
        }
        if (spins != null) {
            spins.added(fd, interest, counted);
        }
    }

    /**
     * Records that the interest of a descriptor has changed.
     *
     * @param fd the descriptor
     * @param interest its new interest
     */
    public void modified(int fd, int interest) {
        if (spins != null) {
            spins.modified(fd, interest);
        }
    }
}
