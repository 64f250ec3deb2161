package io.uloop;

import io.uloop.internal.LoopAccess;
import io.uloop.internal.Refusable;
import io.uloop.memory.BufferBudget;
import io.uloop.observe.LoopCounters;
import io.uloop.observe.LoopMBean;
import io.uloop.observe.LoopObserver;
import io.uloop.observe.LoopView;
import io.uloop.owner.Origin;
import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Descriptors;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An event loop that waits for file descriptors, timers and tasks, and calls their handlers one at
 * a time on the thread that runs it.
 *
 * <pre>{@code
 * try (Uloop loop = Uloop.open()) {
 *     loop.add(fd, UEvent.IN, (ready, events) -> read(ready));
 *     loop.callEvery(Duration.ofSeconds(10), this::report);
 *     loop.run();
 * }
 * }</pre>
 *
 * <p>Each iteration is called a turn and consists of these steps:
 *
 * <ol>
 *   <li>run the timers that are due;
 *   <li>run the tasks queued before the turn started;
 *   <li>run the fibers that can continue, if they run on the loop's thread;
 *   <li>run the before-poll hooks;
 *   <li>wait for events until the next timer at the latest, or not at all if tasks are queued or a
 *       fiber can continue;
 *   <li>call the handler of each ready descriptor;
 *   <li>run the after-poll hooks.
 * </ol>
 *
 * <p>Whatever a callback adds is handled in the next turn. A turn runs at most {@link
 * UloopBuilder#turnBound} timers, as many tasks and as many fibers, so busy descriptors, tasks,
 * timers and fibers cannot starve one another.
 *
 * <p>If a handler, task, timer or hook throws an {@link Exception}, the loop logs it through {@link
 * System.Logger}, reports it to the {@link ErrorHandler} and continues. An {@link Error} propagates
 * out of {@link #run}.
 *
 * <p>Not thread-safe: call from the loop's thread, which is the thread inside one of the {@code
 * run} methods. While the loop is not running, any one thread at a time may call it. A call from
 * another thread, or one that overlaps with the setup by another thread, throws {@link
 * IllegalStateException}. {@link #now} does not throw, but its value may be stale.
 *
 * <p>These methods are thread-safe: {@link #execute}, {@link #post}, {@link #submit}, {@link
 * #callIn}, {@link #stop}, {@link #close}, {@link #isOpen}, {@link #inLoop}, {@link #checkThread},
 * {@link #metrics}, {@link #provider}, {@link #descriptors} and {@link #toString}.
 *
 * @since 0.1
 */
public final class Uloop implements Executor, AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    static {
        LoopAccess.provide(loop -> ((Uloop) loop).inside);
    }

    private final PollerProvider provider;
    private final Descriptors descriptors;
    private final LoopState state;
    private final LoopOwner owner;
    private final LoopObserver observer;
    private final BufferBudget buffers;
    private final Failures failures;
    private final Agenda agenda;
    private final OwnedPoller owned;
    private final RegistrationTable registrations;
    private final Resumptions resumptions;
    private final Turn turn;
    private final Runs runs;
    private final Inbox inbox;
    private final CloseActions atClose = new CloseActions();
    private final EndHandlers ends = new EndHandlers();
    private final LoopInside inside;

    Uloop(UloopBuilder builder) throws IOException {
        provider = builder.resolve();
        descriptors = provider.descriptors();
        state =
                new LoopState(
                        builder.name != null ? builder.name : "uloop-" + COUNT.incrementAndGet());
        owner = new LoopOwner(state, this::windUp);
        observer =
                new LoopObserver(
                        new View(),
                        descriptors,
                        builder.clock,
                        builder.metrics,
                        builder.slowHandlerNanos,
                        builder.spinNanos);
        buffers = new BufferBudget(builder.bufferBudget);
        ErrorHandler handler = builder.errorHandler;
        failures =
                new Failures(
                        this,
                        state,
                        (callback, error) -> handler.onError(this, callback, error),
                        observer);
        agenda =
                new Agenda(
                        state,
                        owner,
                        failures,
                        builder.clock,
                        builder.wallClock,
                        builder.turnBound);
        Poller poller = provider.open();
        String description = "Uloop[" + state.name() + ", " + provider.name() + ']';
        owned = new OwnedPoller(this, description, poller, Origin.here());
        registrations =
                new RegistrationTable(
                        poller,
                        new AlwaysReady(state::isOpen, builder.alwaysReadyFiles),
                        observer,
                        owner,
                        state);
        resumptions = new Resumptions(owner, observer);
        turn =
                new Turn(
                        state,
                        poller,
                        registrations,
                        agenda,
                        resumptions,
                        failures,
                        observer,
                        new BusyPoll(builder.busyPollNanos));
        runs = new Runs(state, owner, poller, turn, observer, this::windUp);
        inbox = new Inbox(state, owner, agenda.tasks, poller, this::windUp);
        inside =
                new LoopInside(
                        state,
                        owner,
                        builder.clock,
                        buffers,
                        observer,
                        failures,
                        atClose,
                        ends,
                        registrations,
                        resumptions,
                        turn,
                        inbox::offer,
                        inbox::wakeup,
                        this::windUp);
    }

    /** Registers the watchdog and the JMX bean if configured. Closes the loop on failure. */
    Uloop observed(UloopBuilder builder) {
        try {
            owned.addObserver(observer.startWatchdog());
            if (builder.turnTimes || builder.jmx) {
                observer.watchTurns();
            }
            if (builder.jmx) {
                WeakReference<Uloop> self = new WeakReference<>(this); // JMX must not keep it
                LoopBean bean =
                        new LoopBean(
                                provider.name(),
                                () -> Optional.ofNullable(self.get()).map(Uloop::metrics),
                                metrics());
                owned.addObserver(LoopMBean.register(state.name(), bean));
            }
            return this;
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /**
     * Opens a loop on the backend that {@link Pollers#provider()} selects.
     *
     * @return a new loop
     * @throws io.uloop.poller.PollerUnavailableException if no backend is usable
     * @throws IOException EMFILE, ENFILE or ENOMEM if the kernel cannot create the poller
     */
    public static Uloop open() throws IOException {
        return builder().build();
    }

    /** {@return a builder with the defaults of {@link #open()}} */
    public static UloopBuilder builder() {
        return new UloopBuilder();
    }

    /** {@return the provider of the backend in use} */
    public PollerProvider provider() {
        return provider;
    }

    /** {@return the backend's I/O operations on the descriptors that this loop can register} */
    public Descriptors descriptors() {
        return descriptors;
    }

    /**
     * Registers a descriptor. The next wait is the first to report its events.
     *
     * @param fd an open descriptor that is not registered with this loop; the caller still owns and
     *     closes it
     * @param interest bits of {@link UEvent#INTERESTS} and {@link UEvent#MODES}
     * @param handler called for each event of the descriptor
     * @return the registration, which ends when it is closed
     * @throws ClosedPollerException if the loop is closed
     * @throws IOException if the kernel refuses the descriptor. This is a {@link PollerException}
     *     with EEXIST, EBADF, EPERM, EINVAL, ENOMEM or ENOSPC, as for {@link Poller#add}, and
     *     nothing has changed. EPERM means that the file cannot be polled, which {@link
     *     UloopBuilder#alwaysReadyFiles} allows
     * @throws IllegalArgumentException if a bit is neither an interest nor a mode
     * @throws UnsupportedOperationException if the backend lacks a requested mode
     */
    public Registration add(int fd, int interest, EventHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        return registrations.add(fd, interest, handler);
    }

    /**
     * Registers a JDK channel. The handler is called with the number by which the backend
     * identifies the channel. Spin detection does not cover channels, because the loop cannot see
     * what their handlers read and write. Close the registration before the channel.
     *
     * @param channel an open channel in non-blocking mode; the caller still owns and closes it
     * @param interest as for {@link #add(int, int, EventHandler)}
     * @param handler called for each event of the channel
     * @return the registration, which ends when it is closed
     * @throws IllegalBlockingModeException if the channel is in blocking mode
     * @throws UnsupportedOperationException if the JVM hides the channel's descriptor from a native
     *     backend, or as for {@link #add(int, int, EventHandler)}
     * @throws IOException as for {@link #add(int, int, EventHandler)}
     */
    public Registration add(SelectableChannel channel, int interest, EventHandler handler)
            throws IOException {
        Objects.requireNonNull(handler, "handler");
        if (channel.isBlocking()) {
            throw new IllegalBlockingModeException();
        }
        return registrations.addChannel(descriptors.fileno(channel), interest, handler);
    }

    /**
     * Replaces the interest of a descriptor and rearms it if it was ONESHOT or EDGE.
     *
     * @param fd a registered descriptor
     * @param interest as for {@link #add(int, int, EventHandler)}; replaces all previous bits
     * @throws ClosedPollerException if the loop is closed
     * @throws IOException if the kernel refuses the change. This is a {@link PollerException} with
     *     ENOENT if the descriptor is not registered, with EBADF if it has been closed, which also
     *     deregisters it, or with ENOMEM or ENOSPC as for {@link Poller#modify}
     * @throws IllegalArgumentException if a bit is neither an interest nor a mode
     * @throws UnsupportedOperationException if the backend lacks a requested mode
     */
    public void modify(int fd, int interest) throws IOException {
        registrations.modify(fd, interest);
    }

    /**
     * Deregisters a descriptor. Its handler is not called again, not even for an event of the
     * current turn. Deregister a descriptor before closing it.
     *
     * @param fd a registered descriptor, which may have been closed since
     * @throws ClosedPollerException if the loop is closed
     * @throws IOException a {@link PollerException} with ENOENT if the descriptor is not registered
     */
    public void remove(int fd) throws IOException {
        registrations.remove(fd);
    }

    /**
     * Runs the loop on this thread until {@link #stop} or {@link #close}. Continues even if nothing
     * is registered, because another thread may still call {@link #execute}.
     *
     * <p>Use a platform thread for this and the other {@code run} methods. A virtual thread pins
     * its carrier thread while the loop waits in the kernel, and there are only as many carriers as
     * processors. The first run of a loop on a virtual thread logs a warning.
     *
     * @throws IllegalStateException if the loop is closed or already running
     * @throws IOException if the wait fails; the failure has been logged and reported
     */
    public void run() throws IOException {
        runs.run();
    }

    /**
     * Runs the loop on this thread until a future is done, or until {@link #stop} or {@link
     * #close}.
     *
     * @param <T> the future's type
     * @param future completed by a callback or by another thread
     * @return the future's value
     * @throws ExecutionException if the future completed exceptionally; the cause is its exception
     * @throws java.util.concurrent.CancellationException if the future was cancelled
     * @throws IllegalStateException if the loop ends before the future is done, or is closed or
     *     already running
     * @throws IOException if the wait fails; the failure has been logged and reported
     */
    public <T> T runUntil(CompletableFuture<T> future) throws IOException, ExecutionException {
        return runs.runUntil(future);
    }

    /**
     * Runs the loop on this thread until it is idle, or until {@link #stop} or {@link #close}. A
     * loop is idle if it has no registered descriptor, timer, task, unfinished {@link #callIn}
     * future or awaited process. Signal handlers do not count, neither do tasks that another thread
     * may yet {@link #execute}, nor what {@code unref} exempts: {@link Registration#unref}, {@link
     * Timer#unref} and the same method of channels, connections, event sources and children.
     *
     * @throws IllegalStateException if the loop is closed or already running
     * @throws IOException if the wait fails; the failure has been logged and reported
     */
    public void runUntilIdle() throws IOException {
        runs.runUntilIdle();
    }

    /**
     * Runs one turn on this thread. It waits until something can be called. If timers, tasks or
     * fibers are due at its start, it calls them and does not wait. If they end its wait, it calls
     * them then. It therefore returns without having called anything only if the timeout has
     * passed, if it was woken for another reason, such as {@link #stop}, or if the next timer is on
     * the wall clock, which is checked once a second.
     *
     * @param timeoutNanos the longest wait for events, in nanoseconds; 0 does not wait, a negative
     *     value waits without limit. A timer, a task, {@link #stop}, {@link #close} or an interrupt
     *     of the thread ends the wait earlier
     * @return how many events were dispatched, 0 or more
     * @throws IllegalStateException if the loop is closed or already running
     * @throws IOException if the wait fails; the failure has been logged and reported
     */
    public int runOnce(long timeoutNanos) throws IOException {
        return runs.runOnce(timeoutNanos);
    }

    /**
     * Ends the current {@link #run}, {@link #runUntil} or {@link #runUntilIdle} after its current
     * turn. If the loop is not running, the next of these calls returns at once, before any
     * callback, and a {@link #runOnce} runs its turn without waiting. One such call consumes all
     * earlier stops.
     */
    public void stop() {
        state.requestStop();
        inbox.wakeup();
    }

    /**
     * Closes the loop and its poller. Idempotent.
     *
     * <p>Descriptors and channels stay open. Handlers of signals and processes are deregistered.
     * Connections of {@code io.uloop.connection} are closed after the last turn and their handlers
     * are called one last time. Attempts to connect fail.
     *
     * <p>A thread inside {@link #run} is woken, receives no further events, finishes its turn and
     * returns. Tasks and timers that are still queued then are never called, and the futures of
     * {@link #submit} and {@link #callIn} fail.
     *
     * <p>Close every loop. If an open loop is garbage-collected, its poller is closed then, and a
     * warning of {@code io.uloop} names the line that opened it. With {@code
     * -Duloop.trackLeaks=true} the warning has the whole stack. A loop that waits for a signal or
     * an exit is not collected.
     */
    @Override
    public void close() {
        state.close();
        owned.close();
        atClose.run();
        windUp();
    }

    /** {@return true until {@link #close} is called} */
    public boolean isOpen() {
        return state.isOpen();
    }

    /**
     * Queues a task for the next turn and wakes the loop. Tasks queued by one thread run in order.
     * Never blocks. The queue is unbounded, so callers that can outpace the loop must apply their
     * own limit.
     *
     * @param task called once on the loop's thread, unless the loop is closed first
     * @throws RejectedExecutionException if the loop is closed
     */
    @Override
    public void execute(Runnable task) {
        inbox.execute(task);
    }

    /**
     * Queues a task that may throw for the next turn and wakes the loop. Otherwise like {@link
     * #execute}.
     *
     * @param task called once on the loop's thread, unless the loop is closed first
     * @throws RejectedExecutionException if the loop is closed
     */
    public void post(LoopTask task) {
        inbox.post(task);
    }

    /**
     * Calls a function in the next turn and returns a future of its result; see {@link #execute}.
     *
     * <p>The loop's thread must not block on the future. While the future is not done, {@code get}
     * and {@code join} throw {@link IllegalStateException} on that thread. So do those of futures
     * derived from it, for example by {@code thenApply}. Use {@code whenComplete} or {@code
     * thenAccept} instead. A future of {@link CompletableFuture#allOf} cannot detect this and
     * blocks forever.
     *
     * @param <T> the result's type
     * @param work called once on the loop's thread, unless the future is cancelled first
     * @return a future that is completed on the loop's thread with the work's result or exception,
     *     or with a {@link RejectedExecutionException} if the loop is closed first
     * @throws RejectedExecutionException if the loop is closed
     */
    public <T> CompletableFuture<T> submit(Callable<? extends T> work) {
        return inbox.submit(work);
    }

    /**
     * Runs blocking work in an executor and delivers its result on the loop's thread. The loop is
     * not idle until the future is done. The loop's thread must not block on the future; see {@link
     * #submit}.
     *
     * <p>If an executor silently drops work, as {@link
     * java.util.concurrent.ExecutorService#shutdownNow} does with its queue, the future is never
     * completed. Cancel it to make the loop idle again.
     *
     * @param <T> the result's type
     * @param executor runs the work
     * @param work called once by the executor, unless the future is cancelled first
     * @return a future that is completed on the loop's thread with the work's result or with
     *     whatever it throws, including an {@link Error}, or with a {@link
     *     RejectedExecutionException} if the loop is closed first
     * @throws RejectedExecutionException if the executor rejects the work or the loop is closed
     */
    public <T> CompletableFuture<T> callIn(Executor executor, Callable<? extends T> work) {
        return inbox.callIn(executor, work);
    }

    /**
     * Queues a task for the next turn, after those queued by {@link #execute} and {@link #post}.
     *
     * @param task called once on the loop's thread, unless the loop is closed first
     * @return a handle that cancels the call when closed on the loop's thread. A caller that does
     *     not need it may avoid its allocation with {@link #post}
     * @throws IllegalStateException if the loop is closed
     */
    public Handle callSoon(LoopTask task) {
        SoonCall call = new SoonCall(owner, Objects.requireNonNull(task, "task"));
        checkThread();
        state.requireOpen();
        agenda.tasks.offer(call);
        return call;
    }

    /**
     * Calls a task once after a delay, never earlier. Tasks with the same deadline are called in
     * the order in which they were scheduled.
     *
     * @param delay from now; zero or less means the next turn, centuries mean never
     * @param task called on the loop's thread
     * @return the timer, which {@link Timer#repeatEvery} turns into a repeating one
     * @throws IllegalStateException if the loop is closed
     */
    public Timer callLater(Duration delay, LoopTask task) {
        return agenda.timers.callLater(delay, Objects.requireNonNull(task, "task"));
    }

    /**
     * Calls a task once when the wall clock reaches a given time, never earlier. If the clock is
     * set, the timer adjusts within a second.
     *
     * @param time the time of the call; a time in the past means the next turn
     * @param task called on the loop's thread
     * @return the timer, which {@link Timer#repeatEvery} turns into a repeating one
     * @throws IllegalStateException if the loop is closed
     */
    public Timer callAt(Instant time, LoopTask task) {
        return agenda.timers.callAt(time, Objects.requireNonNull(task, "task"));
    }

    /**
     * Calls a task at a fixed rate, for the first time after one period; see {@link
     * Timer#repeatEvery}. For another first call use {@code callLater(delay,
     * task).repeatEvery(period)}.
     *
     * @param period more than zero
     * @param task called on the loop's thread
     * @return the timer
     * @throws IllegalArgumentException if the period is zero or negative
     * @throws IllegalStateException if the loop is closed
     */
    public Timer callEvery(Duration period, LoopTask task) {
        return agenda.timers.callEvery(period, Objects.requireNonNull(task, "task"));
    }

    /**
     * Calls a task at a fixed rate until {@link #removePeriodic}. This is {@link #callEvery} for
     * those who identify a timer by its task.
     *
     * @param period more than zero
     * @param task called on the loop's thread
     * @return the timer
     * @throws IllegalArgumentException if the period is zero or negative
     * @throws IllegalStateException if the loop is closed
     */
    public Timer addPeriodic(Duration period, LoopTask task) {
        return callEvery(period, task);
    }

    /**
     * Ends a repeating timer identified by its task. Ends only one if the task was added several
     * times. Searches all timers except those on the wall clock, whereas {@link Timer#close} needs
     * no search.
     *
     * @param task equal to a task passed to {@link #addPeriodic}
     * @return false if no timer has this task
     */
    public boolean removePeriodic(LoopTask task) {
        return agenda.timers.removePeriodic(task);
    }

    /**
     * Adds a hook that is called in every turn right before the wait, after the hooks added
     * earlier. A hook added by a before-poll hook is first called in the next turn.
     *
     * @param hook called on the loop's thread
     * @return a handle that removes the hook when closed on the loop's thread; the hook is not
     *     called again, not even in this turn
     */
    public Handle beforePoll(LoopTask hook) {
        return agenda.beforePoll.add(hook);
    }

    /**
     * Adds a hook that is called in every turn after the last handler, after the hooks added
     * earlier. A hook added by an after-poll hook is first called in the next turn.
     *
     * @param hook called on the loop's thread
     * @return a handle that removes the hook when closed on the loop's thread; the hook is not
     *     called again, not even in this turn
     */
    public Handle afterPoll(LoopTask hook) {
        return agenda.afterPoll.add(hook);
    }

    /**
     * Returns the loop's clock. It is read when a turn starts and again when its poll ends, unless
     * that has neither waited nor followed a callback. It does not advance in between. A callback
     * that needs the exact time reads {@link System#nanoTime}.
     *
     * @return a {@link System#nanoTime} value in nanoseconds, to be compared by difference, or one
     *     of {@link UloopBuilder#clock}
     */
    public long now() {
        return turn.now();
    }

    /**
     * {@return true on the thread that is inside one of the {@code run} methods, and in fibers that
     * run on it}
     */
    public boolean inLoop() {
        return owner.isCurrent();
    }

    /**
     * Returns a snapshot of what the loop has done and of what is registered now. Counts are at
     * least as recent as the last completed turn. Times run until now and include a wait or
     * callback in progress. The values may stem from slightly different moments. Also works after
     * {@link #close}.
     *
     * @return the snapshot
     */
    public LoopMetrics metrics() {
        LoopCounters counters = observer.counters();
        long turns = counters.turns(); // first, so the other counts are at least as recent
        LoopCounters.Times times = counters.times();
        return new LoopMetrics(
                turns,
                counters.events(),
                times.busyNanos(),
                times.idleNanos(),
                counters.timerCalls(),
                counters.taskCalls(),
                counters.wakeups(),
                failures.count(),
                registrations.count(),
                agenda.timers.size(),
                agenda.tasks.size(),
                buffers.held(),
                buffers.ended(),
                inside.connections().get(),
                observer.slowCallCount(),
                TurnTimes.of(counters.turnsByTime()));
    }

    /**
     * Throws on any thread but the loop's. While the loop is not running, every thread may pass.
     * Classes built on a loop call this to enforce the loop's thread rule.
     *
     * @throws IllegalStateException if another thread runs the loop; the message names both threads
     */
    public void checkThread() {
        owner.check();
    }

    /**
     * Returns the loop's name, backend and state, and how much is registered, for logs. The counts
     * are estimates outside the loop's thread.
     */
    @Override
    public String toString() {
        Thread runner = owner.runner();
        String doing = runner == null ? "idle" : "running in " + runner.getName();
        return "Uloop["
                + state.name()
                + ", "
                + provider.name()
                + ", "
                + (state.isOpen() ? doing : "closed")
                + ", descriptors="
                + registrations.count()
                + ", timers="
                + agenda.timers.size()
                + ", tasks="
                + agenda.tasks.size()
                + ']';
    }

    private final class View implements LoopView {
        @Override
        public String name() {
            return state.name();
        }

        @Override
        public @Nullable Thread runner() {
            return owner.runner();
        }

        @Override
        public @Nullable Object handler(int fd) {
            EventHandler handler = registrations.handler(fd);
            return handler instanceof ReadWriteProcs procs ? procs.proc() : handler;
        }

        @Override
        public int interest(int fd) {
            return registrations.interest(fd);
        }

        @Override
        public int limit() {
            return registrations.limit();
        }
    }

    /** Rejects the tasks left in a closed loop that is not running. */
    private void windUp() {
        while (!state.isOpen()
                && (ends.arePending() || !agenda.tasks.isEmpty())
                && owner.tryClaim()) {
            List<Refusable> waitedFor;
            try {
                inside.loopClosed();
                waitedFor = agenda.tasks.discard();
            } finally {
                owner.release(); // first, because dependents of the futures run outside the loop
            }
            RejectedExecutionException reason = state.rejection();
            waitedFor.forEach(task -> task.refuse(reason));
        }
    }
}
