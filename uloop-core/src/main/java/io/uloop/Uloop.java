package io.uloop;

import io.uloop.memory.BufferBudget;
import io.uloop.poller.ClosedPollerException;
import io.uloop.poller.Descriptors;
import io.uloop.poller.EventSink;
import io.uloop.poller.Poller;
import io.uloop.poller.PollerException;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import java.io.IOException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An event loop: waits for descriptors, timers and tasks, and calls their handlers one after the
 * other on the thread that runs it.
 *
 * <p>One turn: the due timers; the tasks queued before the turn; the before-poll hooks; the wait,
 * no longer than until the next timer and not at all if tasks are queued; the handler of each ready
 * descriptor; the after-poll hooks. What a callback adds belongs to the next turn, and a turn makes
 * at most {@link UloopBuilder#turnBound} calls of timers and of tasks each; so none of busy
 * descriptors, tasks and timers keeps the others from running.
 *
 * <p>A handler, task, timer or hook that throws an {@link Exception} is logged through {@link
 * System.Logger} and reported to the {@link ErrorHandler}; the rest goes on. An {@link Error}
 * leaves {@link #run}.
 *
 * <p>Threads: {@link #execute}, {@link #submit}, {@link #callIn}, {@link #stop}, {@link #close},
 * {@link #isOpen}, {@link #inLoop}, {@link #checkThread}, {@link #metrics}, {@link #provider},
 * {@link #descriptors}, {@link #onSignal}, {@link #watch(Process, ExitHandler)} and {@link
 * #toString} are for any thread. Everything else is for the thread inside one of the {@code run}
 * methods, or while there is none for one thread at a time. Elsewhere it throws {@link
 * IllegalStateException}, also to a thread that calls while another one is setting up the loop, but
 * {@link #now} may just be stale.
 */
public final class Uloop implements Executor, AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    static {
        BufferBudget.setOfLoop(loop -> loop.buffers);
    }

    private final String name;
    private final PollerProvider provider;
    private final Descriptors descriptors;
    private final int turnBound;
    private final Poller poller;
    private final EventSink sink = this::dispatch;
    private final LoopOwner owner;
    private final @Nullable CallWatch calls;
    private final @Nullable SpinWatch spins;
    private final LoopCounters counters;
    private final BufferBudget buffers;
    private final Failures failures;
    private final Tasks tasks;
    private final Timers timers;
    private final AlwaysReady alwaysReady;
    private final WatchedDescriptors watches;
    private final Hooks beforePoll = new Hooks();
    private final Hooks afterPoll = new Hooks();
    private final OpenRegistrations registrations = new OpenRegistrations();
    private final EndHandlers ends = new EndHandlers();

    /** Work of {@link #callIn} whose result is still to come, and processes that are watched. */
    private final AtomicInteger awaited = new AtomicInteger();

    private long now = System.nanoTime();
    private boolean clockStale;
    private boolean endsWhenIdle;
    private boolean hasRunTasks;
    private boolean warnedOfVirtualThread;
    private volatile boolean stopRequested;
    private volatile boolean closed;

    Uloop(UloopBuilder builder) throws IOException {
        provider = builder.resolve();
        name = builder.name != null ? builder.name : "uloop-" + COUNT.incrementAndGet();
        owner = new LoopOwner(name);
        turnBound = builder.turnBound;
        counters = new LoopCounters(builder.metrics);
        buffers = new BufferBudget(builder.bufferBudget, builder.bufferParts);
        calls =
                builder.slowHandlerNanos == 0
                        ? null
                        : new CallWatch(this, builder.slowHandlerNanos);
        failures = new Failures(this, name, builder.errorHandler, calls);
        tasks = new Tasks(failures);
        timers = new Timers(System::nanoTime, builder.wallClock, failures);
        descriptors = provider.descriptors();
        spins =
                builder.spinNanos == 0 || descriptors.activity(0) < 0
                        ? null
                        : new SpinWatch(this, descriptors, builder.spinNanos, sink);
        alwaysReady = new AlwaysReady(this::isOpen, builder.alwaysReadyFiles);
        poller = provider.open();
        watches = new WatchedDescriptors(poller, alwaysReady, spins, failures);
    }

    /** Lets itself be watched from outside, as the builder asks; or is closed. */
    Uloop watched(UloopBuilder builder) {
        try {
            if (calls != null) {
                own(Watchdog.watch(calls));
            }
            if (builder.jmx) {
                own(LoopBean.register(this));
            }
            return this;
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /**
     * Opens a loop on the backend that {@link Pollers#provider()} finds.
     *
     * @return a new loop
     * @throws io.uloop.poller.PollerUnavailableException if no backend is usable
     * @throws IOException EMFILE, ENFILE, ENOMEM if the kernel has no room for its poller
     */
    public static Uloop open() throws IOException {
        return builder().build();
    }

    /**
     * Opens a loop on the backend that a specification asks for.
     *
     * @param pollerSpec as for {@link Pollers#provider(String)}: {@code "epoll"}, {@code
     *     "poll,select"}, {@code "!epoll"}
     * @return a new loop
     * @throws io.uloop.poller.PollerUnavailableException if it is unknown or not usable
     * @throws IOException EMFILE, ENFILE, ENOMEM if the kernel has no room for its poller
     */
    public static Uloop open(String pollerSpec) throws IOException {
        return builder().poller(pollerSpec).build();
    }

    /**
     * Starts to describe a loop.
     *
     * @return a builder with the defaults of {@link #open()}
     */
    public static UloopBuilder builder() {
        return new UloopBuilder();
    }

    /**
     * The backend in use. Any thread.
     *
     * @return its provider
     */
    public PollerProvider provider() {
        return provider;
    }

    /**
     * The I/O on the descriptors that this loop can watch. Any thread.
     *
     * @return the backend's
     */
    public Descriptors descriptors() {
        return descriptors;
    }

    /**
     * Starts to watch a descriptor. Events come from the next wait on.
     *
     * @param fd the descriptor, open and not added here; it stays the caller's to close
     * @param interest bits of {@link UEvent#INTERESTS} and {@link UEvent#MODES}
     * @param handler gets its events
     * @throws PollerException EEXIST, EBADF, EPERM, EINVAL, ENOMEM, ENOSPC as {@link Poller#add};
     *     then nothing has changed. EPERM, for files that cannot be polled, does not come with
     *     {@link UloopBuilder#alwaysReadyFiles}
     * @throws IllegalArgumentException if a bit is neither an interest nor a mode
     * @throws UnsupportedOperationException if the backend lacks a mode asked for
     * @throws IllegalStateException if another thread runs the loop
     * @throws ClosedPollerException if the loop is closed
     * @throws IOException never other than as above
     */
    public void add(int fd, int interest, EventHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        boolean claimed = owner.claim();
        try {
            watches.add(fd, interest, handler);
        } finally {
            release(claimed);
        }
    }

    /**
     * Starts to watch a channel of the JDK. The handler gets the number by which the backend knows
     * it. What its handler reads and writes is not seen, so it is never reported to spin.
     *
     * @param channel an open channel in non-blocking mode; it stays the caller's to close
     * @param interest as for {@link #add(int, int, EventHandler)}
     * @param handler gets its events
     * @throws IllegalBlockingModeException if the channel is in blocking mode
     * @throws UnsupportedOperationException if the JVM hides the channel's descriptor from a native
     *     backend, and as {@link #add(int, int, EventHandler)}
     * @throws IOException as {@link #add(int, int, EventHandler)}
     */
    public void add(SelectableChannel channel, int interest, EventHandler handler)
            throws IOException {
        Objects.requireNonNull(handler, "handler");
        int fd = fileno(channel);
        boolean claimed = owner.claim();
        try {
            watches.add(fd, interest, handler);
            if (spins != null) {
                spins.exempt(fd);
            }
        } finally {
            release(claimed);
        }
    }

    /**
     * Replaces the interest of a descriptor; arms it again if it was ONESHOT or EDGE.
     *
     * @param fd an added descriptor
     * @param interest as for {@link #add(int, int, EventHandler)}; replaces the former one whole
     * @throws PollerException ENOENT if it is not added; EBADF if it has been closed, which also
     *     removes it; ENOMEM, ENOSPC as {@link Poller#modify}
     * @throws IllegalArgumentException if a bit is neither an interest nor a mode
     * @throws UnsupportedOperationException if the backend lacks a mode asked for
     * @throws IllegalStateException if another thread runs the loop
     * @throws ClosedPollerException if the loop is closed
     * @throws IOException never other than as above
     */
    public void modify(int fd, int interest) throws IOException {
        boolean claimed = owner.claim();
        try {
            watches.modify(fd, interest);
        } finally {
            release(claimed);
        }
    }

    /**
     * Replaces the interest of a channel.
     *
     * @param channel an added channel
     * @param interest as for {@link #modify(int, int)}
     * @throws IllegalBlockingModeException if the channel is in blocking mode
     * @throws IOException as {@link #modify(int, int)}; EBADF if it is closed
     */
    public void modify(SelectableChannel channel, int interest) throws IOException {
        modify(fileno(channel), interest);
    }

    /**
     * Stops watching a descriptor: its handler is not called again, not even for an event of the
     * current turn. Remove before you close.
     *
     * @param fd an added descriptor; it may have been closed meanwhile
     * @throws PollerException ENOENT if it is not added
     * @throws IllegalStateException if another thread runs the loop
     * @throws ClosedPollerException if the loop is closed
     * @throws IOException never other than as above
     */
    public void remove(int fd) throws IOException {
        boolean claimed = owner.claim();
        try {
            watches.remove(fd);
        } finally {
            release(claimed);
        }
    }

    /**
     * Stops watching a channel. Remove before you close: a closed channel has no number any more.
     *
     * @param channel an added channel
     * @throws IOException as {@link #remove(int)}; EBADF if it is closed
     */
    public void remove(SelectableChannel channel) throws IOException {
        remove(descriptors.fileno(channel));
    }

    /**
     * Watches a descriptor for input with a proc of its own, beside one for output; replaces the
     * reader that it has. Hang-ups and errors call it too. When both are due in one turn the reader
     * is called first, unless {@link #setBarrier} says otherwise.
     *
     * @param <T> the data's type
     * @param fd a descriptor that is not watched by {@link #add}
     * @param proc called when it can be read
     * @param data given to the proc
     * @throws PollerException as {@link #add(int, int, EventHandler)}; then nothing has changed
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException never other than as above
     */
    public <T> void addReader(int fd, FileProc<? super T> proc, T data) throws IOException {
        setProc(fd, UEvent.IN, proc, data);
    }

    /**
     * Watches a descriptor for output with a proc of its own, beside one for input; replaces the
     * writer that it has. Hang-ups and errors call it too.
     *
     * @param <T> the data's type
     * @param fd a descriptor that is not watched by {@link #add}
     * @param proc called when it can be written
     * @param data given to the proc
     * @throws PollerException as {@link #add(int, int, EventHandler)}; then nothing has changed
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException never other than as above
     */
    public <T> void addWriter(int fd, FileProc<? super T> proc, T data) throws IOException {
        setProc(fd, UEvent.OUT, proc, data);
    }

    /**
     * Takes the reader away; the writer, if there is one, stays, with the barrier.
     *
     * @param fd any number
     * @return false if it has no reader
     * @throws PollerException ENOMEM, ENOSPC as {@link Poller#modify}; then nothing has changed
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException never other than as above
     */
    public boolean removeReader(int fd) throws IOException {
        boolean claimed = owner.claim();
        try {
            return watches.removeProc(fd, UEvent.IN);
        } finally {
            release(claimed);
        }
    }

    /**
     * Takes the writer away; the reader, if there is one, stays, with the barrier.
     *
     * @param fd any number
     * @return false if it has no writer
     * @throws PollerException ENOMEM, ENOSPC as {@link Poller#modify}; then nothing has changed
     * @throws IllegalStateException if another thread runs the loop
     * @throws IOException never other than as above
     */
    public boolean removeWriter(int fd) throws IOException {
        boolean claimed = owner.claim();
        try {
            return watches.removeProc(fd, UEvent.OUT);
        } finally {
            release(claimed);
        }
    }

    /**
     * Sets which proc of a descriptor is called first when both are due in one turn: with the
     * barrier the writer, so that what an earlier turn has prepared (and a before-poll hook has
     * synced to disk, say) is sent before new input is taken. Lasts until both procs are removed.
     *
     * @param fd a descriptor with a reader or a writer
     * @param on true for the writer first, false, as at the start, for the reader
     * @throws IllegalStateException if it has neither, or another thread runs the loop
     */
    public void setBarrier(int fd, boolean on) {
        boolean claimed = owner.claim();
        try {
            watches.setBarrier(fd, on);
        } finally {
            release(claimed);
        }
    }

    /**
     * Runs the loop on this thread until {@link #stop} or {@link #close}, also when nothing is
     * registered: another thread may still {@link #execute}.
     *
     * <p>Use a platform thread for this and the other {@code run} methods. A virtual thread cannot
     * leave its carrier thread while the loop waits in the kernel, and there are only as many
     * carriers as processors. The first run of a loop on a virtual thread logs a warning.
     *
     * @throws IllegalStateException if the loop is closed or running already
     * @throws IOException if the wait itself fails; it has been logged and reported
     */
    public void run() throws IOException {
        enter();
        try {
            while (!stopRequested && !closed) {
                turn(patience());
            }
        } finally {
            leave();
        }
    }

    /**
     * Runs the loop on this thread until a future is done, or {@link #stop} or {@link #close}.
     *
     * @param <T> the future's type
     * @param future completed by a callback or by another thread
     * @return its value
     * @throws ExecutionException if it completed with an exception, which is the cause
     * @throws java.util.concurrent.CancellationException if it was cancelled
     * @throws IllegalStateException if the loop ends before the future is done, or is closed or
     *     running already
     * @throws IOException if the wait itself fails; it has been logged and reported
     */
    public <T> T runUntil(CompletableFuture<T> future) throws IOException, ExecutionException {
        enter();
        try {
            var unused = future.whenComplete((value, error) -> poller.wakeup());
            while (!future.isDone() && !stopRequested && !closed) {
                turn(patience());
            }
        } finally {
            leave();
        }
        if (!future.isDone()) {
            throw new IllegalStateException(name + " has ended before the future was done");
        }
        try {
            return future.join();
        } catch (CompletionException e) {
            throw new ExecutionException(e.getCause());
        }
    }

    /**
     * Runs the loop on this thread until nothing can happen any more: no descriptor is registered,
     * no timer and no task is left, no work of {@link #callIn} is under way and no process is
     * watched. Ends before that by {@link #stop} or {@link #close}. Signals do not count, nor what
     * another thread may yet {@link #execute}.
     *
     * @throws IllegalStateException if the loop is closed or running already
     * @throws IOException if the wait itself fails; it has been logged and reported
     */
    public void runUntilIdle() throws IOException {
        enter();
        endsWhenIdle = true;
        try {
            while (!isIdle() && !stopRequested && !closed) {
                turn(patience());
            }
        } finally {
            endsWhenIdle = false;
            leave();
        }
    }

    /**
     * Runs one turn on this thread.
     *
     * @param timeoutNanos how long to wait for events at most, in nanoseconds: 0 does not wait, a
     *     negative one waits until something happens. A timer, a task, {@link #stop}, {@link
     *     #close} or an interrupt of the thread ends the wait earlier
     * @return how many events were dispatched; 0 or more
     * @throws IllegalStateException if the loop is closed or running already
     * @throws IOException if the wait itself fails; it has been logged and reported
     */
    public int runOnce(long timeoutNanos) throws IOException {
        enter();
        try {
            return turn(timeoutNanos);
        } finally {
            leave();
        }
    }

    /**
     * Ends the current {@link #run}, {@link #runUntil} or {@link #runUntilIdle} after its turn. If
     * none is running the next one returns at once, before any callback; a {@link #runOnce} does
     * its turn without waiting. One of these uses up any number of stops before it. Any thread.
     */
    public void stop() {
        stopRequested = true;
        wakeup();
    }

    /**
     * Closes the loop and its poller; descriptors and channels stay open, handlers of signals and
     * processes end. Connections of {@code io.uloop.net} are closed behind the last turn, with
     * their handlers' last call, and attempts to connect fail; see {@link #onEnd}. A thread inside
     * {@link #run} is woken, gets no further event, ends its turn and returns; the tasks and timers
     * left then are never called, and the futures of {@link #submit} and {@link #callIn} fail. Any
     * thread, any number of times.
     */
    @Override
    public void close() {
        closed = true;
        poller.close();
        registrations.close();
        windUp();
    }

    /**
     * Tells whether {@link #close} has not been called yet. Any thread.
     *
     * @return true until closed
     */
    public boolean isOpen() {
        return !closed;
    }

    /**
     * Queues a task for the next turn and wakes the loop. Tasks of one thread run in the order in
     * which they were queued. Never blocks: the queue has no bound, who may be too fast for the
     * loop needs one of their own. Any thread.
     *
     * @param task called once on the loop's thread, unless the loop is closed before
     * @throws RejectedExecutionException if the loop is closed
     */
    @Override
    public void execute(Runnable task) {
        Objects.requireNonNull(task, "task");
        if (closed) {
            throw rejection();
        }
        tasks.offer(task);
        wakeup();
        windUp();
    }

    /**
     * Calls something in the next turn and gives its result; see {@link #execute}. Any thread.
     *
     * <p>The loop's own thread must not wait for the future: {@code get} and {@code join} throw
     * {@link IllegalStateException} there while it is not done, and so do those of the futures made
     * from it, by {@code thenApply} for example. Use {@code whenComplete} or {@code thenAccept}. A
     * future of {@link CompletableFuture#allOf} cannot tell whose it is, and waits for ever.
     *
     * @param <T> the result's type
     * @param work called once on the loop's thread, unless the future is cancelled before
     * @return completed on the loop's thread with what the work returns or throws; with a {@link
     *     RejectedExecutionException} if the loop is closed before
     * @throws RejectedExecutionException if the loop is closed
     */
    public <T> CompletableFuture<T> submit(Callable<? extends T> work) {
        LoopFuture<T> result = new LoopFuture<>(this);
        execute(new Awaited.Work<>(result, Objects.requireNonNull(work, "work")));
        return result;
    }

    /**
     * Has blocking work done elsewhere and its result delivered here. The loop counts as not idle
     * until the future is done. An executor that drops work without a word, as {@link
     * java.util.concurrent.ExecutorService#shutdownNow} does with its queue, leaves the future
     * undone: cancel it, which makes the loop idle again. Any thread; the loop's own must not wait
     * for the future, see {@link #submit}.
     *
     * @param <T> the result's type
     * @param executor does the work
     * @param work called once by the executor, unless the future is cancelled before
     * @return completed on the loop's thread with what the work returns or throws, an {@link Error}
     *     included; with a {@link RejectedExecutionException} if the loop is closed before
     * @throws RejectedExecutionException if the executor refuses, or the loop is closed
     */
    public <T> CompletableFuture<T> callIn(Executor executor, Callable<? extends T> work) {
        Objects.requireNonNull(work, "work");
        if (closed) {
            throw rejection();
        }
        LoopFuture<T> result = new LoopFuture<>(this);
        awaited.incrementAndGet();
        var unused = result.whenComplete((value, error) -> notAwaited());
        try {
            executor.execute(() -> workFor(result, work));
        } catch (RuntimeException | Error e) { // an Error if it can have no thread
            result.completeExceptionally(e);
            throw e;
        }
        return result;
    }

    /**
     * Queues a task for the next turn, behind those of {@link #execute}.
     *
     * @param task called once on the loop's thread, unless the loop is closed before
     * @throws IllegalStateException if another thread runs the loop, or the loop is closed
     */
    public void callSoon(Runnable task) {
        Objects.requireNonNull(task, "task");
        checkThread();
        checkOpen();
        tasks.offer(task);
    }

    /**
     * Calls a task once after a delay, never earlier. Tasks of one deadline are called in the order
     * of these calls.
     *
     * @param delay from now; zero or less means the next turn, centuries mean never
     * @param task called on the loop's thread
     * @return what cancels it
     * @throws IllegalStateException if another thread runs the loop, or the loop is closed
     */
    public Timer callLater(Duration delay, Runnable task) {
        return start(newTimer(false, task, Timer.Repetition.NONE, 0), delay);
    }

    /**
     * Calls a task once at a time, never earlier.
     *
     * @param nanoTime on the clock of {@link #now} and {@link System#nanoTime}, in nanoseconds; one
     *     in the past means the next turn, more than a century from now means never
     * @param task called on the loop's thread
     * @return what cancels it
     * @throws IllegalStateException if another thread runs the loop, or the loop is closed
     */
    public Timer callAt(long nanoTime, Runnable task) {
        Timer timer = newTimer(false, task, Timer.Repetition.NONE, 0);
        return start(timer, timers.deadlineAt(nanoTime));
    }

    /**
     * Calls a task once when the wall clock shows a time, never earlier. When the clock is set the
     * call follows it, within a second.
     *
     * @param time of day; one in the past means the next turn
     * @param task called on the loop's thread
     * @return what cancels it
     * @throws IllegalStateException if another thread runs the loop, or the loop is closed
     */
    public Timer callAt(Instant time, Runnable task) {
        Timer timer = newTimer(true, task, Timer.Repetition.NONE, 0);
        return start(timer, Timers.nanosSince1970(time));
    }

    /**
     * Calls a task whenever the wall clock shows the first time plus a multiple of the period. When
     * the clock is set the calls follow it, within a second: set forward over several times, there
     * is one call; set back, the next is at the next multiple, but never before the first.
     *
     * @param first time of day of the first call; one in the past means the next turn
     * @param period more than zero
     * @param task called on the loop's thread
     * @return what cancels it
     * @throws IllegalArgumentException if the period is zero or negative
     * @throws IllegalStateException if another thread runs the loop, or the loop is closed
     */
    public Timer callAt(Instant first, Duration period, Runnable task) {
        Timer timer = newTimer(true, task, Timer.Repetition.RATE, Timers.periodNanos(period));
        return start(timer, Timers.nanosSince1970(first));
    }

    /**
     * Calls a task again and again at a fixed rate. The rate does not drift: every call is due a
     * multiple of the period after the first. Calls missed while the loop was held up are made up
     * for by a single one.
     *
     * @param delay until the first call
     * @param period more than zero
     * @param task called on the loop's thread
     * @return what cancels it
     * @throws IllegalArgumentException if the period is zero or negative
     * @throws IllegalStateException if another thread runs the loop, or the loop is closed
     */
    public Timer callAtFixedRate(Duration delay, Duration period, Runnable task) {
        Timer timer = newTimer(false, task, Timer.Repetition.RATE, Timers.periodNanos(period));
        return start(timer, delay);
    }

    /**
     * Calls a task again and again, each time a fixed delay after the call before has returned.
     *
     * @param delay until the first call
     * @param pause between calls, more than zero
     * @param task called on the loop's thread
     * @return what cancels it
     * @throws IllegalArgumentException if the pause is zero or negative
     * @throws IllegalStateException if another thread runs the loop, or the loop is closed
     */
    public Timer callWithFixedDelay(Duration delay, Duration pause, Runnable task) {
        Timer timer = newTimer(false, task, Timer.Repetition.DELAY, Timers.periodNanos(pause));
        return start(timer, delay);
    }

    /**
     * Calls a task at a fixed rate, first after one period: {@link #callAtFixedRate} in short.
     *
     * @param period more than zero
     * @param task called on the loop's thread
     * @return what cancels it
     * @throws IllegalArgumentException if the period is zero or negative
     * @throws IllegalStateException if another thread runs the loop, or the loop is closed
     */
    public Timer addPeriodic(Duration period, Runnable task) {
        return callAtFixedRate(period, period, task);
    }

    /**
     * Cancels a repeated timer by its task; one of them if the task was added several times. Looks
     * through all timers but those on the wall clock; {@link Timer#cancel} does not.
     *
     * @param task an equal of what {@link #addPeriodic} got
     * @return false if there is none
     * @throws IllegalStateException if another thread runs the loop
     */
    public boolean removePeriodic(Runnable task) {
        boolean claimed = owner.claim();
        try {
            Timer timer = timers.findRepeated(task);
            return timer != null && timers.remove(timer);
        } finally {
            release(claimed);
        }
    }

    /**
     * Calls a hook in every turn right before the wait, behind the hooks added earlier.
     *
     * @param hook called on the loop's thread, from the next turn on if added by such a hook
     * @throws IllegalStateException if another thread runs the loop
     */
    public void addBeforePoll(Runnable hook) {
        boolean claimed = owner.claim();
        try {
            beforePoll.add(hook);
        } finally {
            release(claimed);
        }
    }

    /**
     * Calls a hook in every turn after the last handler, behind the hooks added earlier.
     *
     * @param hook called on the loop's thread, from the next turn on if added by such a hook
     * @throws IllegalStateException if another thread runs the loop
     */
    public void addAfterPoll(Runnable hook) {
        boolean claimed = owner.claim();
        try {
            afterPoll.add(hook);
        } finally {
            release(claimed);
        }
    }

    /**
     * Removes a hook of {@link #addBeforePoll}, the earliest if it was added several times. It is
     * not called again, not even in this turn.
     *
     * @param hook an equal of what was added
     * @return false if there is none
     * @throws IllegalStateException if another thread runs the loop
     */
    public boolean removeBeforePoll(Runnable hook) {
        boolean claimed = owner.claim();
        try {
            return beforePoll.remove(hook);
        } finally {
            release(claimed);
        }
    }

    /**
     * Removes a hook of {@link #addAfterPoll}, the earliest if it was added several times. It is
     * not called again, not even in this turn.
     *
     * @param hook an equal of what was added
     * @return false if there is none
     * @throws IllegalStateException if another thread runs the loop
     */
    public boolean removeAfterPoll(Runnable hook) {
        boolean claimed = owner.claim();
        try {
            return afterPoll.remove(hook);
        } finally {
            release(claimed);
        }
    }

    /**
     * Calls a handler on a signal of the process, in place of what the JVM does on it: HUP, INT and
     * TERM no longer end it. Any number of handlers of any number of loops may share a signal; the
     * last one that goes gives it back to the JVM.
     *
     * <p>A call may stand for several signals: it follows each of them, but those that come before
     * it has begun share it. HUP, INT and TERM stay ignored if they were when the JVM started, as
     * nohup(1) does with HUP. Any thread.
     *
     * @param name as in {@code "TERM"} or {@code "SIGTERM"}
     * @param handler called on the loop's thread
     * @return what ends it; the loop's close does too
     * @throws IllegalArgumentException if there is no such signal, or the kernel or the JVM needs
     *     it; the message names those that can be had
     * @throws UnsupportedOperationException if the JVM lacks the module jdk.unsupported
     * @throws IllegalStateException if the loop is closed
     * @see <a href="https://man7.org/linux/man-pages/man7/signal.7.html">signal(7)</a>
     */
    public Registration onSignal(String name, SignalHandler handler) {
        Objects.requireNonNull(handler, "handler");
        checkOpen();
        return SignalRegistration.open(this, name, handler);
    }

    /**
     * Calls a handler at the end of a child, at once if it has ended already; the end is noticed as
     * {@link #watch(ProcessHandle, Runnable)} says. Nothing is reaped here: {@link
     * Process#waitFor()} goes on to work. Any thread.
     *
     * @param process a child of this JVM
     * @param handler called once on the loop's thread
     * @return what ends the watch, not the process; the loop's close does too
     * @throws IllegalStateException if the loop is closed
     */
    public Registration watch(Process process, ExitHandler handler) {
        Objects.requireNonNull(handler, "handler");
        checkOpen();
        return ExitWatch.open(this, process, handler);
    }

    /**
     * Calls a task at the end of any process, at once if it has ended already. Native backends
     * watch a descriptor of the process, on Linux from 5.3 on; elsewhere a thread of this library,
     * one for all processes, looks again and again, every 100 ms at least.
     *
     * @param process any process but this one; its status is only for its parent to know
     * @param handler called once on the loop's thread
     * @return what ends the watch, not the process; the loop's close does too
     * @throws IllegalArgumentException if it is this process
     * @throws IllegalStateException if another thread runs the loop, or the loop is closed
     * @throws IOException EMFILE, ENFILE, ENOMEM if there is no room for a descriptor; ENOSPC
     * @see <a href="https://man7.org/linux/man-pages/man2/pidfd_open.2.html">pidfd_open(2)</a>
     */
    public Registration watch(ProcessHandle process, Runnable handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        checkThread();
        checkOpen();
        if (process.equals(ProcessHandle.current())) {
            throw new IllegalArgumentException("nobody is told of the end of this process itself");
        }
        return ExitWatch.open(this, process, handler);
    }

    /**
     * Calls a handler at the end of the loop, behind those added earlier. Thread-safe.
     *
     * @param handler called when the loop is closed
     * @return what takes the handler back
     * @throws ClosedLoopException if the loop is closed
     */
    public Registration onEnd(LoopEndHandler handler) {
        Objects.requireNonNull(handler, "handler");
        if (!ends.add(handler)) {
            throw new ClosedLoopException(closedMessage());
        }
        windUp(); // a close meanwhile has not seen it
        return () -> ends.remove(handler);
    }

    /**
     * The loop's clock, read when the turn begins and again when its wait is over; it stands still
     * in between.
     *
     * @return a time of {@link System#nanoTime} in nanoseconds; compare by difference
     */
    public long now() {
        return now;
    }

    /**
     * Reads the loop's clock anew, in a callback that has taken long.
     *
     * @return the new {@link #now}
     * @throws IllegalStateException if another thread runs the loop
     */
    public long updateNow() {
        checkThread();
        now = System.nanoTime();
        return now;
    }

    /**
     * Tells whether the caller runs in this loop. Any thread.
     *
     * @return true on the thread that is inside one of the {@code run} methods
     */
    public boolean inLoop() {
        return owner.isCurrent();
    }

    /**
     * Tells what the loop has done so far and what it has now. Counts are those of the last
     * completed turn or newer; times run until now, so a wait or a callback under way is included.
     * The values need not be of one moment. Any thread, also after {@link #close}.
     *
     * @return a snapshot
     */
    public LoopMetrics metrics() {
        long turns = counters.turns(); // first: what follows is as new at least
        LoopCounters.Times times = counters.times();
        return new LoopMetrics(
                turns,
                counters.events,
                times.busyNanos(),
                times.idleNanos(),
                counters.timerCalls,
                counters.taskCalls,
                counters.wakeups,
                failures.count(),
                watches.count(),
                timers.size(),
                tasks.size(),
                buffers.held(),
                buffers.ended());
    }

    /**
     * Fails where the loop may not be touched: off the thread inside one of the {@code run}
     * methods, while there is one. For whatever is built on a loop and has the same rule. Any
     * thread.
     *
     * @throws IllegalStateException if another thread runs the loop; the message names both
     */
    public void checkThread() {
        owner.check();
    }

    /**
     * Names the loop, its backend, its state, and how much is registered; the counts are a guess
     * off the loop's thread. Any thread.
     *
     * @return for logs
     */
    @Override
    public String toString() {
        Thread runner = owner.runner();
        String state =
                closed ? "closed" : runner == null ? "idle" : "running in " + runner.getName();
        return "Uloop["
                + name
                + ", "
                + provider.name()
                + ", "
                + state
                + ", descriptors="
                + watches.count()
                + ", timers="
                + timers.size()
                + ", tasks="
                + tasks.size()
                + ']';
    }

    String name() {
        return name;
    }

    /** The thread inside one of the {@code run} methods. Any thread. */
    @Nullable Thread runner() {
        return owner.runner();
    }

    /** The handler of a descriptor; a guess off the loop's thread. */
    @Nullable EventHandler handler(int fd) {
        return watches.handler(fd);
    }

    /** Starts a timer anew. */
    void schedule(Timer timer, Duration delay) {
        start(timer, delay);
    }

    /** The group begins to shut down. */
    void shutdownBegins() {
        ends.shutdownBegins(this::callAtEnd);
    }

    private void callAtEnd(Runnable callback) {
        failures.guard("end handler", callback);
    }

    Failures failures() {
        return failures;
    }

    /** Takes over a registration, which {@link #close} is to close. */
    void own(Registration registration) {
        if (!registrations.add(registration)) {
            registration.close();
            throw new IllegalStateException(closedMessage());
        }
    }

    /** False if it is not, or no longer, this loop's. */
    boolean disown(Registration registration) {
        return registrations.remove(registration);
    }

    /** Counts what {@link #runUntilIdle} has to wait for. */
    void await(int change) {
        awaited.addAndGet(change);
    }

    boolean cancel(Timer timer) {
        boolean claimed = owner.claim();
        try {
            return timers.remove(timer);
        } finally {
            release(claimed);
        }
    }

    private Timer newTimer(
            boolean wall, Runnable task, Timer.Repetition repetition, long periodNanos) {
        Objects.requireNonNull(task, "task");
        return new Timer(this, wall, task, repetition, periodNanos);
    }

    private Timer start(Timer timer, Duration delay) {
        return start(timer, timers.deadlineAfter(timer, delay));
    }

    private Timer start(Timer timer, long deadline) {
        boolean claimed = owner.claim();
        try {
            checkOpen();
            timers.start(timer, deadline);
            return timer;
        } finally {
            release(claimed);
        }
    }

    /**
     * How long a turn of a run may wait. Not at all behind one that ran tasks: who waits for a task
     * tends to hand over the next one at once, and to be woken costs both sides far more than a
     * look into the kernel.
     */
    private long patience() {
        return hasRunTasks ? 0 : -1;
    }

    private int turn(long timeoutNanos) throws IOException {
        now = System.nanoTime();
        counters.turnBegins(now);
        EventSink receiver = spins == null ? sink : spins.turnBegins(now);
        int taskCount = Math.min(tasks.size(), turnBound);
        int timersRun = timers.run(now, turnBound);
        int tasksRun = tasks.run(taskCount);
        hasRunTasks = tasksRun > 0;
        int hooksRun = beforePoll.run(failures);
        counters.called(timersRun, tasksRun, hooksRun);
        int events = poll(timeoutNanos, receiver);
        int files = alwaysReady.dispatch(receiver);
        counters.events += files;
        afterPoll.run(failures);
        counters.turnEnds();
        return events + files;
    }

    private int poll(long timeoutNanos, EventSink receiver) throws IOException {
        long waitNanos = waitNanos(timeoutNanos);
        counters.waitBegins(waitNanos);
        clockStale = true;
        try {
            int events = poller.poll(waitNanos, receiver);
            refreshClock();
            counters.polled(events);
            if (Modules.HAS_JFR) {
                PollEvent.record(name, counters.waitedNanos, events);
            }
            return events;
        } catch (ClosedPollerException e) {
            return 0; // closed by this turn or by another thread; run ends
        } catch (IOException e) {
            failures.report("wait for events", "", this, e);
            throw e;
        } finally {
            refreshClock();
        }
    }

    /** How long the poller may wait: no longer than asked, and not beyond the next timer. */
    private long waitNanos(long timeoutNanos) {
        if (timeoutNanos == 0 || stopRequested || !tasks.isEmpty() || alwaysReady.isArmed()) {
            return 0;
        }
        if (endsWhenIdle && isIdle()) {
            return 0; // this turn's timers or tasks were the last that could happen
        }
        return timers.limit(timeoutNanos);
    }

    private void dispatch(int fd, int events) {
        refreshClock();
        EventHandler handler = watches.handler(fd);
        if (handler == null) {
            return; // removed since; a poller that keeps its contract does not report it
        }
        if ((events & UEvent.NVAL) != 0) {
            watches.clear(fd); // before the call, in which the number may be added anew
        }
        if (calls != null) {
            calls.begin(fd, events);
        }
        try {
            handler.processEvent(fd, events);
        } catch (Exception e) {
            String what = " on fd=" + fd + " with " + UEvent.toString(events);
            failures.report("handler", what, handler, e);
        } finally {
            if (calls != null) {
                calls.end();
            }
        }
    }

    private void refreshClock() {
        if (clockStale) {
            clockStale = false;
            now = System.nanoTime();
            counters.waitEnds(now);
        }
    }

    private <T> void setProc(int fd, int direction, FileProc<? super T> proc, T data)
            throws IOException {
        Objects.requireNonNull(proc, "proc");
        boolean claimed = owner.claim();
        try {
            watches.setProc(fd, direction, new ReaderWriter.Proc<>(proc, data));
        } finally {
            release(claimed);
        }
    }

    /** On a thread of an executor. */
    private <T> void workFor(LoopFuture<T> result, Callable<? extends T> work) {
        if (result.isDone()) {
            return; // cancelled
        }
        Awaited<T> delivery = Awaited.delivery(result, work);
        try {
            execute(delivery);
        } catch (RejectedExecutionException e) {
            delivery.refuse(e);
        }
    }

    /** A future is done, by whatever thread: a loop that waits for no more than that is idle. */
    private void notAwaited() {
        awaited.decrementAndGet();
        wakeup();
    }

    /** Once closed and no longer run, nobody takes tasks any more. */
    private void windUp() {
        while (closed && (ends.arePending() || !tasks.isEmpty()) && owner.tryClaim()) {
            List<Awaited<?>> waitedFor;
            try {
                ends.loopClosed(this::callAtEnd);
                waitedFor = tasks.discard();
            } finally {
                owner.release(); // before what hangs on the futures is called: it is in no loop
            }
            RejectedExecutionException reason = rejection();
            waitedFor.forEach(task -> task.refuse(reason));
        }
    }

    boolean isIdle() {
        return watches.count() == 0 && timers.size() == 0 && awaited.get() == 0 && tasks.isEmpty();
    }

    private int fileno(SelectableChannel channel) throws IOException {
        if (channel.isBlocking()) {
            throw new IllegalBlockingModeException();
        }
        return descriptors.fileno(channel);
    }

    private void enter() {
        checkOpen();
        owner.enter();
        if (!warnedOfVirtualThread && VirtualThreads.isVirtual(Thread.currentThread())) {
            warnedOfVirtualThread = true;
            Log.warning(
                    name
                            + " is run by a virtual thread, which keeps its carrier thread while"
                            + " the loop waits, so other virtual threads may starve; run each"
                            + " loop on a platform thread, as UloopGroup does",
                    null);
        }
    }

    private void leave() {
        stopRequested = false;
        counters.runEnds();
        owner.leave();
        windUp();
    }

    /** Ends a claim of the loop, if this call made it. */
    private void release(boolean claimed) {
        if (claimed) {
            owner.release();
            windUp(); // a close meanwhile could not
        }
    }

    /** The loop's own thread looks at tasks and stops before it waits. */
    private void wakeup() {
        if (!inLoop()) {
            poller.wakeup();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new ClosedLoopException(closedMessage());
        }
    }

    private RejectedExecutionException rejection() {
        return new RejectedExecutionException(
                closedMessage(), new ClosedLoopException(closedMessage()));
    }

    private String closedMessage() {
        return name + " is closed; open another loop with Uloop.open()";
    }
}
