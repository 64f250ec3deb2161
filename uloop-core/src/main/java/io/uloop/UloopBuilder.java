package io.uloop;

import io.uloop.observe.Modules;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Configures and opens a {@link Uloop}. Not thread-safe.
 *
 * @since 0.1
 */
public final class UloopBuilder {
    private @Nullable String pollerSpec;
    private @Nullable PollerProvider pollerProvider;
    @Nullable String name;
    int turnBound = 1024;
    boolean alwaysReadyFiles;
    boolean metrics = true;
    boolean turnTimes;
    boolean jmx;
    long bufferBudget;
    long busyPollNanos;
    long slowHandlerNanos;
    long spinNanos = TimeUnit.SECONDS.toNanos(1);
    LongSupplier clock = Agenda.SYSTEM_CLOCK;
    InstantSource wallClock = InstantSource.system();
    ErrorHandler errorHandler = (loop, source, error) -> {};

    UloopBuilder() {}

    /**
     * Selects a backend by specification. Replaces the previous selection.
     *
     * @param spec as for {@link Pollers#provider(String)}
     * @return this
     */
    public UloopBuilder poller(String spec) {
        pollerSpec = Objects.requireNonNull(spec, "spec");
        pollerProvider = null;
        return this;
    }

    /**
     * Selects a backend. Replaces the previous selection.
     *
     * @param provider opens the poller
     * @return this
     */
    public UloopBuilder poller(PollerProvider provider) {
        pollerProvider = Objects.requireNonNull(provider, "provider");
        pollerSpec = null;
        return this;
    }

    /**
     * Sets a handler for exceptions thrown by callbacks. By default they are only logged.
     *
     * @param handler called after each exception is logged
     * @return this
     */
    public UloopBuilder errorHandler(ErrorHandler handler) {
        errorHandler = Objects.requireNonNull(handler, "handler");
        return this;
    }

    /**
     * Sets the loop's name in logs and messages. The default contains a number.
     *
     * @param name any text
     * @return this
     */
    public UloopBuilder name(String name) {
        this.name = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * Limits the callbacks of one turn. A turn runs at most this many timers of each clock and this
     * many tasks before it handles descriptors. The default is 1024. The backend limits how many
     * events a turn delivers.
     *
     * @param calls 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public UloopBuilder turnBound(int calls) {
        if (calls < 1) {
            throw new IllegalArgumentException("a turn must make 1 call or more, not " + calls);
        }
        turnBound = calls;
        return this;
    }

    /**
     * Lets the loop poll without waiting for a while before it waits. An event that arrives in this
     * time is handled without the delay of a sleeping thread, which is usually 5 to 50 &micro;s,
     * and a task from another thread needs no system call. In exchange, the loop uses its processor
     * for this time after each activity. Use it only if the loop has a processor to itself. Off by
     * default.
     *
     * <p>{@link Uloop#run}, {@link Uloop#runUntil} and {@link Uloop#runUntilIdle} poll so. Each
     * poll is a turn, with its hooks. Polls without events count as idle time in {@link
     * Uloop#metrics}. {@link Uloop#runOnce} waits as its caller asks.
     *
     * @param time how long to poll after the last event, timer, task or fiber, 0 or more; 0 turns
     *     it off
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public UloopBuilder busyPoll(Duration time) {
        busyPollNanos = notNegative(time);
        return this;
    }

    /**
     * Lets {@link Uloop#add} accept files that no kernel polls (regular files, directories,
     * /dev/null), and reports them as ready in every turn. Otherwise {@code add} fails with EPERM.
     * With this option a program whose input may be {@code < file} needs no second way to read. Off
     * by default, because a handler that does not deregister such a descriptor at the end of the
     * file keeps the loop busy forever.
     *
     * @param on whether to accept them
     * @return this
     */
    public UloopBuilder alwaysReadyFiles(boolean on) {
        alwaysReadyFiles = on;
        return this;
    }

    /**
     * Sets the clock of {@link Uloop#now}, of all timers except those of {@link Uloop#callAt}, of
     * the timeouts of connections, and of the times in {@link Uloop#metrics}. The default is {@link
     * System#nanoTime}. The kernel still waits in real time, so a test that moves its clock then
     * runs a turn.
     *
     * @param nanoTime a time in nanoseconds that never decreases; read by any thread
     * @return this
     */
    public UloopBuilder clock(LongSupplier nanoTime) {
        clock = Objects.requireNonNull(nanoTime, "nanoTime");
        return this;
    }

    /**
     * Sets the wall clock of {@link Uloop#callAt}. The default is the system clock.
     *
     * @param clock read by the loop's thread
     * @return this
     */
    public UloopBuilder wallClock(InstantSource clock) {
        wallClock = Objects.requireNonNull(clock, "clock");
        return this;
    }

    /**
     * Measures busy and idle time for {@link Uloop#metrics}. This costs one more clock reading in
     * each turn that calls timers, tasks or hooks and then waits. On by default. All other metrics
     * are always available.
     *
     * @param on whether to measure
     * @return this
     */
    public UloopBuilder metrics(boolean on) {
        metrics = on;
        return this;
    }

    /**
     * Measures how long each turn takes, for {@link LoopMetrics#turnTimes}. This adds one count per
     * turn and requires no reading of the clock beyond those of {@link #metrics}, without which it
     * has no effect. {@link #jmx} and {@link io.uloop.live.LivePage} include it. Off by default.
     *
     * @param on whether to measure
     * @return this
     */
    public UloopBuilder turnTimes(boolean on) {
        turnTimes = on;
        return this;
    }

    /**
     * Registers the loop in JMX as {@code io.uloop:type=Uloop,name=...} with the loop's name, until
     * it is closed; see {@link UloopMXBean}. Off by default.
     *
     * @param on whether to register the loop
     * @return this
     * @throws UnsupportedOperationException if the module java.management is missing from the Java
     *     runtime
     */
    public UloopBuilder jmx(boolean on) {
        if (on && !Modules.isPresent("java.management")) {
            throw new UnsupportedOperationException(
                    "JMX needs the module java.management; start Java with --add-modules"
                            + " java.management, or add the module to the runtime image");
        }
        jmx = on;
        return this;
    }

    /**
     * Reports callbacks that block the loop. Once per call, while the call is still running, the
     * loop logs a WARNING to {@code io.uloop} and records a Flight Recorder event {@code
     * io.uloop.SlowHandler}. The warning names the descriptor with its events and the callback's
     * class, and contains the stack trace of the loop's thread. Off by default.
     *
     * <p>The loop then records each call, which costs a few nanoseconds. One thread for all loops
     * samples these records every quarter of the threshold. Calls shorter than the threshold are
     * never reported. Calls that exceed it by less than a quarter may be missed.
     *
     * @param threshold how long a call may take, 0 or more; 0 turns the reports off. The sampling
     *     interval is at least a millisecond
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public UloopBuilder slowHandlerThreshold(Duration threshold) {
        slowHandlerNanos = notNegative(threshold);
        return this;
    }

    /**
     * Reports descriptors that keep the loop busy without progress. A descriptor spins if it is
     * ready in every turn for the threshold while almost no call on it through {@link
     * Uloop#descriptors} reads, writes or accepts anything, and it is neither modified nor removed.
     * The loop logs a WARNING to {@code io.uloop}, at most once a minute for each descriptor. On by
     * default with a threshold of one second. It costs nothing measurable, because only one in
     * seventeen turns is examined, and only in a loop that hardly waits.
     *
     * <p>Three kinds of descriptors are not examined. These are JDK channels, whose I/O is not
     * counted, descriptors with EDGE, and those of backends whose {@link
     * io.uloop.poller.Descriptors#activity} counts nothing. Descriptors that other code reads, for
     * example through JNI, may be reported wrongly.
     *
     * @param threshold how long a descriptor may spin, 0 or more; 0 turns the reports off
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public UloopBuilder spinThreshold(Duration threshold) {
        spinNanos = notNegative(threshold);
        return this;
    }

    /**
     * Limits the memory that all connections of the loop hold: output that their peers have not
     * read, incomplete TLS records and frames, and the TLS state. If the limit is exceeded, the
     * loop resets the connection that holds the most. Among connections that hold about as much, it
     * resets the one that has been idle for longest. {@link LoopMetrics#bufferedBytes} and {@link
     * LoopMetrics#endedForMemory} show how close a loop is to its limit.
     *
     * <p>The default is half of the memory that the JVM has for buffers, which is the smaller of
     * its heap ({@code -Xmx}) and its direct memory ({@code -XX:MaxDirectMemorySize}). The loops of
     * a {@link io.uloop.group.UloopGroup} share that half evenly. If a program opens several single
     * loops, give each of them a part of it.
     *
     * @param bytes 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public UloopBuilder bufferBudget(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException(
                    "a buffer budget must be 1 byte or more, not " + bytes);
        }
        bufferBudget = bytes;
        return this;
    }

    private static long notNegative(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("a duration must be 0 or more, not " + time);
        }
        return Timers.nanos(time);
    }

    /**
     * Opens the loop.
     *
     * @return a new loop for each call
     * @throws io.uloop.poller.PollerUnavailableException if the specification is unknown or none of
     *     its backends is usable
     * @throws UnsupportedOperationException if the selected provider is not usable
     * @throws IllegalStateException if a loop of this name is already registered in JMX
     * @throws IOException EMFILE, ENFILE or ENOMEM if the kernel cannot create the poller
     */
    public Uloop build() throws IOException {
        return new Uloop(this).observed(this);
    }

    PollerProvider resolve() {
        if (pollerProvider != null) {
            return pollerProvider;
        }
        return pollerSpec == null ? Pollers.provider() : Pollers.provider(pollerSpec);
    }
}
