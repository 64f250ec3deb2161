package io.uloop.fiber;

import io.uloop.Uloop;
import io.uloop.observe.Callbacks;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs straight-line code whose I/O waits on a loop: fibers.
 *
 * <pre>{@code
 * try (Uloop loop = Uloop.open()) {
 *     Fibers fibers = Fibers.on(loop);
 *     FiberListener listener = FiberListener.open(fibers, new InetSocketAddress(7000));
 *     fibers.start("listener", () -> {
 *         while (true) {
 *             FiberSocket socket = listener.accept();
 *             fibers.start("client", () -> echo(socket));
 *         }
 *     });
 *     fibers.run();
 * }
 * }</pre>
 *
 * <p>{@link FiberMode} tells where fibers run. {@link #on(Uloop)} takes the mode of the system
 * property {@value #PROPERTY} ({@code loop}, {@code jdk} or {@code platform}), otherwise the first
 * that the JVM supports. Blocking calls of the JDK, such as {@link Thread#sleep} or those of locks
 * and queues, work in fibers of every mode.
 *
 * <p>When the loop ends, all fibers are interrupted, and operations that wait for it throw {@link
 * io.uloop.ClosedLoopException}.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public final class Fibers {
    /** The system property with the mode of {@link #on(Uloop)}. */
    public static final String PROPERTY = "uloop.fibers";

    private final Scheduler scheduler;
    private final AtomicLong unnamed = new AtomicLong();

    private Fibers(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    /**
     * Returns fibers on a loop, in the mode of the system property, or else in the first of {@link
     * FiberMode} that this JVM supports.
     *
     * @param loop an open loop
     * @return fibers that live until the loop is closed
     * @throws UnsupportedOperationException if the system property names a mode that this JVM does
     *     not support; the message says what it lacks
     * @throws IllegalArgumentException if the system property names no mode
     * @throws IllegalStateException if the loop is closed
     */
    public static Fibers on(Uloop loop) {
        return on(loop, modeOf(System.getProperty(PROPERTY)));
    }

    /**
     * Returns fibers on a loop.
     *
     * @param loop an open loop
     * @param mode where they run
     * @return fibers that live until the loop is closed
     * @throws UnsupportedOperationException if this JVM does not support the mode; the message says
     *     what it lacks
     * @throws IllegalStateException if the loop is closed
     */
    public static Fibers on(Uloop loop, FiberMode mode) {
        return new Fibers(new Scheduler(loop, mode));
    }

    private static FiberMode modeOf(@Nullable String name) {
        if (name == null) {
            return FiberMode.best();
        }
        try {
            return FiberMode.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "-D" + PROPERTY + " must be loop, jdk or platform, not " + name, e);
        }
    }

    Scheduler scheduler() {
        return scheduler;
    }

    /** {@return the loop for which fibers wait} */
    public Uloop loop() {
        return scheduler.loop();
    }

    /** {@return where the fibers run} */
    public FiberMode mode() {
        return scheduler.mode();
    }

    /**
     * Starts a fiber.
     *
     * @param <T> what the code returns
     * @param name the name of the fiber and of its thread
     * @param code runs in the fiber and may wait
     * @return the fiber
     * @throws RejectedExecutionException if the loop is closed
     */
    public <T> Fiber<T> start(String name, Callable<? extends T> code) {
        return new Fiber<T>(scheduler, name, code).start();
    }

    /**
     * Starts a fiber that returns nothing.
     *
     * @param name the name of the fiber and of its thread
     * @param code runs in the fiber and may wait
     * @return the fiber
     * @throws RejectedExecutionException if the loop is closed
     */
    public Fiber<@Nullable Void> start(String name, FiberTask code) {
        return new Fiber<@Nullable Void>(scheduler, name, new TaskCall(code)).start();
    }

    /** {@return a factory whose threads are fibers, for classes that take one} */
    public ThreadFactory threadFactory() {
        return task -> new Fiber<>(scheduler, nextName(), new RunnableCall(task)).thread();
    }

    /** {@return an executor that runs each task in a fiber} */
    public Executor executor() {
        return task -> new Fiber<>(scheduler, nextName(), new RunnableCall(task)).start();
    }

    private String nextName() {
        return "fiber-" + unnamed.incrementAndGet();
    }

    /**
     * Sleeps for a time of the loop's clock, never less.
     *
     * @param duration the time; zero or less only yields to other fibers
     * @throws InterruptedException if the thread is interrupted
     * @throws IllegalStateException if called in a callback of the loop
     */
    public void sleep(Duration duration) throws InterruptedException {
        scheduler.sleep(duration);
    }

    /**
     * Waits until a descriptor is ready. The descriptor is registered with the loop only while this
     * waits.
     *
     * @param fd an open descriptor that is not registered with the loop; the caller still owns it
     * @param events bits of {@link UEvent#INTERESTS}
     * @return its ready events, as for {@link io.uloop.EventHandler#processEvent}
     * @throws InterruptedException if the thread is interrupted
     * @throws IllegalStateException if called in a callback of the loop
     * @throws IOException as for {@link Uloop#add(int, int, io.uloop.EventHandler)}
     */
    public int awaitReady(int fd, int events) throws IOException, InterruptedException {
        return DescriptorWait.await(scheduler, fd, events, null);
    }

    /**
     * Waits until a descriptor is ready, for a limited time.
     *
     * @param fd an open descriptor that is not registered with the loop; the caller still owns it
     * @param events bits of {@link UEvent#INTERESTS}
     * @param timeout the longest time; zero or less does not wait
     * @return its ready events; 0 if the time is over
     * @throws InterruptedException if the thread is interrupted
     * @throws IllegalStateException if called in a callback of the loop
     * @throws IOException as for {@link Uloop#add(int, int, io.uloop.EventHandler)}
     */
    public int awaitReady(int fd, int events, Duration timeout)
            throws IOException, InterruptedException {
        return DescriptorWait.await(scheduler, fd, events, Objects.requireNonNull(timeout));
    }

    /**
     * Calls code in this fiber, for a limited time. When the time is over, the fiber is
     * interrupted, and an interruption that leaves the code becomes a {@link TimeoutException}.
     * What follows is not interrupted. An interruption by {@link Fiber#interrupt} passes as it is.
     *
     * @param <T> what the code returns
     * @param timeout the time; zero or less interrupts at once
     * @param code called once
     * @return what the code returns, even if the time is over
     * @throws TimeoutException if the time is over before the code ends
     * @throws IllegalStateException if the calling thread is no fiber of this object, or the loop
     *     has ended, so nothing would limit the time
     * @throws Exception whatever the code throws
     */
    public <T> T callWithin(Duration timeout, Callable<T> code) throws Exception {
        Objects.requireNonNull(timeout, "timeout");
        Objects.requireNonNull(code, "code");
        Fiber<?> fiber = scheduler.current();
        if (fiber == null) {
            throw new IllegalStateException("only fibers of " + this + " can limit their time");
        }
        Expiry expiry = new Expiry(scheduler, fiber);
        expiry.start(timeout);
        T result;
        try {
            scheduler.requireNotEnded();
            result = code.call();
        } catch (Throwable e) { // rethrown
            // The end comes first: a time that is over later has interrupted nothing.
            if (expiry.end() && Fiber.isInterruption(e)) {
                TimeoutException over =
                        new TimeoutException(
                                fiber
                                        + " took more than "
                                        + TimeUnit.MILLISECONDS.convert(timeout)
                                        + " ms");
                over.initCause(e);
                throw over;
            }
            throw e;
        }
        var unused = expiry.end();
        return result;
    }

    /** {@return the fiber that calls, or null if the calling thread is no fiber of this object} */
    public @Nullable Fiber<?> current() {
        return scheduler.current();
    }

    /**
     * Runs the loop on this thread until no fiber is left, or until {@link Uloop#stop} or {@link
     * Uloop#close}. Logs a warning if all fibers wait and nothing on the loop can resume one.
     *
     * @throws IllegalStateException if the loop is closed or already running, or if all fibers wait
     *     for the end of each other; the message lists them
     * @throws IOException if the wait for events fails
     */
    public void run() throws IOException {
        Standstill standstill = new Standstill(scheduler, this::dump);
        Completion completion = new Completion(scheduler);
        try {
            standstill.start(); // first, because it fails beside the run of another thread
            scheduler.addCompletion(completion);
            if (scheduler.live().isEmpty()) {
                completion.run();
            }
            loop().run();
        } finally {
            scheduler.removeCompletion(completion);
            completion.runEnds();
            standstill.stop();
        }
        standstill.throwIfProven();
    }

    /** {@return the fibers that have not ended, oldest first, at about this moment} */
    public List<FiberInfo> list() {
        List<Fiber<?>> all = List.copyOf(scheduler.live());
        long now = System.nanoTime(); // after the start of each, so that no age is negative
        return all.stream()
                .map(fiber -> fiber.info(now))
                .sorted(Comparator.comparing(FiberInfo::age).reversed())
                .toList();
    }

    /** {@return a description with one line for each fiber that has not ended} */
    public String dump() {
        List<FiberInfo> all = list();
        return all.stream()
                .map(FiberInfo::toString)
                .collect(Collectors.joining("\n  ", this + (all.isEmpty() ? "" : "\n  "), ""));
    }

    /** {@return what the fibers have done} */
    public FiberMetrics metrics() {
        return scheduler.metrics();
    }

    @Override
    public String toString() {
        return "Fibers[mode="
                + mode().name().toLowerCase(Locale.ROOT)
                + ", live="
                + scheduler.live().size()
                + ", "
                + loop()
                + ']';
    }

    private record TaskCall(FiberTask task) implements Callable<@Nullable Void>, Callbacks.Wrapper {
        TaskCall {
            Objects.requireNonNull(task, "code");
        }

        @Override
        public @Nullable Void call() throws Exception {
            task.run();
            return null;
        }

        @Override
        public Object wrapped() {
            return task;
        }
    }

    private record RunnableCall(Runnable task)
            implements Callable<@Nullable Void>, Callbacks.Wrapper {
        RunnableCall {
            Objects.requireNonNull(task, "task");
        }

        @Override
        public @Nullable Void call() {
            task.run();
            return null;
        }

        @Override
        public Object wrapped() {
            return task;
        }
    }
}
