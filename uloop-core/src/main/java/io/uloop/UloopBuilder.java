package io.uloop;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Describes a {@link Uloop}. Not for several threads at once. */
public final class UloopBuilder {
    private @Nullable String pollerSpec;
    private @Nullable PollerProvider pollerProvider;
    @Nullable String name;
    int turnBound = 1024;
    boolean alwaysReadyFiles;
    boolean metrics = true;
    boolean jmx;
    long bufferBudget;
    int bufferParts = 1;
    long slowHandlerNanos;
    long spinNanos = TimeUnit.SECONDS.toNanos(1);
    InstantSource wallClock = InstantSource.system();
    ErrorHandler errorHandler = (loop, source, error) -> {};

    UloopBuilder() {}

    /**
     * Asks for a backend by specification; replaces what was asked for before.
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
     * Asks for a backend; replaces what was asked for before.
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
     * Sets who is told of exceptions; by default they are only logged.
     *
     * @param handler called after each is logged
     * @return this
     */
    public UloopBuilder errorHandler(ErrorHandler handler) {
        errorHandler = Objects.requireNonNull(handler, "handler");
        return this;
    }

    /**
     * Names the loop in logs and messages; by default it gets a number.
     *
     * @param name any text
     * @return this
     */
    public UloopBuilder name(String name) {
        this.name = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * Bounds what one turn does: that many timers of each clock and that many tasks at most before
     * descriptors have their turn; 1024 by default. How many events a turn delivers is the
     * backend's to bound.
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
     * Takes files that no kernel polls (regular files, directories, /dev/null), which {@link
     * Uloop#add} otherwise refuses with EPERM, as ready in every turn. So a program whose input may
     * be {@code < file} needs no second way of reading. Off by default, because a handler that does
     * not remove such a descriptor at its end keeps the loop busy for ever.
     *
     * @param on whether to take them
     * @return this
     */
    public UloopBuilder alwaysReadyFiles(boolean on) {
        alwaysReadyFiles = on;
        return this;
    }

    /**
     * Sets the wall clock of {@link Uloop#callAt(java.time.Instant, Runnable)}; by default the
     * system's.
     *
     * @param clock asked by the loop's thread
     * @return this
     */
    public UloopBuilder wallClock(InstantSource clock) {
        wallClock = Objects.requireNonNull(clock, "clock");
        return this;
    }

    /**
     * Measures busy and idle time for {@link Uloop#metrics}, at the price of reading the clock once
     * more in each turn that calls timers, tasks or hooks and then waits; on by default. Everything
     * else is counted in any case.
     *
     * @param on whether to measure
     * @return this
     */
    public UloopBuilder metrics(boolean on) {
        metrics = on;
        return this;
    }

    /**
     * Shows the loop in JMX, as {@code io.uloop:type=Uloop,name=...} with the loop's name, until it
     * is closed; see {@link UloopMXBean}. Off by default.
     *
     * @param on whether to show it
     * @return this
     * @throws UnsupportedOperationException if the Java runtime has been started without the module
     *     java.management
     */
    public UloopBuilder jmx(boolean on) {
        if (on && !Modules.isPresent("java.management")) {
            throw new UnsupportedOperationException(
                    "JMX needs the module java.management; start Java with --add-modules"
                            + " java.management, or put the module into the runtime image");
        }
        jmx = on;
        return this;
    }

    /**
     * Has callbacks named that hold the loop up: a WARNING in the log {@code io.uloop}, once per
     * call and while it still goes on, with the descriptor and its bits, the callback's class and
     * the stack trace of the loop's thread; and an event {@code io.uloop.SlowHandler} of Flight
     * Recorder. Off by default. The loop then notes each call, which costs it a few nanoseconds;
     * one thread for all loops looks at those notes every quarter of the threshold. No call that is
     * shorter than the threshold is named; one that is less than a quarter longer may be missed.
     *
     * @param threshold how long a call may take, 0 or more; 0 names none; looked at in steps of a
     *     millisecond at least
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public UloopBuilder slowHandlerThreshold(Duration threshold) {
        slowHandlerNanos = notNegative(threshold);
        return this;
    }

    /**
     * Has descriptors named that keep the loop busy for nothing: a WARNING in the log {@code
     * io.uloop}, at most once a minute for each, if a descriptor is ready in every turn for that
     * long while almost no call on it through {@link Uloop#descriptors} reads, writes or accepts
     * anything and nobody modifies or removes it. On by default, with one second, as it costs
     * nothing: of the turns of a loop that hardly waits one in seventeen is looked at.
     *
     * <p>Not looked at: channels of the JDK, whose I/O is not seen; descriptors with EDGE; backends
     * whose {@link io.uloop.poller.Descriptors#activity} counts nothing. Descriptors that something
     * else reads, by JNI for example, may be named without cause.
     *
     * @param threshold how long a descriptor may spin, 0 or more; 0 names none
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public UloopBuilder spinThreshold(Duration threshold) {
        spinNanos = notNegative(threshold);
        return this;
    }

    /**
     * Limits the memory that the connections of the loop hold together: output that their peers
     * have not taken, incomplete TLS records, and the state of TLS. When it is used up, the
     * connection that holds most is reset, and among those that hold about as much the one that has
     * been idle for longest. {@link LoopMetrics#bufferedBytes} and {@link
     * LoopMetrics#endedForMemory} tell how near a loop is to that.
     *
     * <p>The default is half of the memory that the JVM has for buffers, which is the smaller of
     * its heap ({@code -Xmx}) and its direct memory ({@code -XX:MaxDirectMemorySize}). In a {@link
     * UloopGroup} the loops share that half evenly. Several single loops in one program should each
     * be given a part of it.
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

    private static long notNegative(Duration threshold) {
        if (threshold.isNegative()) {
            throw new IllegalArgumentException("a threshold must be 0 or more, not " + threshold);
        }
        return Timers.nanos(threshold);
    }

    /**
     * Opens the loop.
     *
     * @return a new one each time
     * @throws io.uloop.poller.PollerUnavailableException if the specification is unknown or names
     *     nothing usable
     * @throws UnsupportedOperationException if the provider given is not usable
     * @throws IllegalStateException if a loop of this name is in JMX already
     * @throws IOException EMFILE, ENFILE, ENOMEM if the kernel has no room for its poller
     */
    public Uloop build() throws IOException {
        return new Uloop(this).watched(this);
    }

    PollerProvider resolve() {
        if (pollerProvider != null) {
            return pollerProvider;
        }
        return pollerSpec == null ? Pollers.provider() : Pollers.provider(pollerSpec);
    }
}
