package io.uloop;

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
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * An event loop: waits for descriptors, timers and tasks, and calls their handlers one after the
 * other on the thread that runs it.
 *
 * <p>One turn: the due timers; the tasks queued before the turn; the before-poll hooks; the wait,
 * no longer than until the next timer and not at all if tasks are queued; the handler of each ready
 * descriptor; the after-poll hooks. What a callback adds belongs to the next turn, so neither a
 * busy descriptor nor tasks or timers that renew themselves keep the others from running.
 *
 * <p>A handler, task, timer or hook that throws an {@link Exception} is logged through {@link
 * System.Logger} and reported to the {@link ErrorHandler}; the rest goes on. An {@link Error}
 * leaves {@link #run}.
 *
 * <p>Threads: {@link #execute}, {@link #stop}, {@link #close}, {@link #isOpen}, {@link #inLoop},
 * {@link #provider}, {@link #descriptors} and {@link #toString} are for any thread. Everything else
 * is for the thread inside {@link #run} or {@link #runOnce}, or while there is none for any one
 * thread; elsewhere it throws {@link IllegalStateException}, but {@link #now} may just be stale.
 */
public final class Uloop implements Executor, AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger("io.uloop");

    private static final AtomicInteger COUNT = new AtomicInteger();

    private static final int QUEUE_CHUNK = 1024;

    /** The longest delay, 146 years: any two deadlines then differ by less than 2^63 ns. */
    private static final long MAX_DELAY_NANOS = Long.MAX_VALUE >> 1;

    private final String name;
    private final PollerProvider provider;
    private final Descriptors descriptors;
    private final ErrorHandler errorHandler;
    private final Poller poller;
    private final EventSink sink = this::dispatch;
    private final AtomicReference<@Nullable Thread> runner = new AtomicReference<>();
    private final MessagePassingQueue<Runnable> tasks =
            new MpscUnboundedVarHandleArrayQueue<>(QUEUE_CHUNK);
    private final TimerHeap timers = new TimerHeap();

    private @Nullable EventHandler[] handlers = new EventHandler[64];
    private int handlerCount;
    private Runnable[] beforePoll = {};
    private Runnable[] afterPoll = {};
    private long now = System.nanoTime();
    private boolean clockStale;
    private volatile boolean stopRequested;
    private volatile boolean closed;

    private Uloop(Builder builder) throws IOException {
        provider = builder.resolve();
        name = builder.name != null ? builder.name : "uloop-" + COUNT.incrementAndGet();
        errorHandler = builder.errorHandler;
        descriptors = provider.descriptors();
        poller = provider.open();
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
    public static Builder builder() {
        return new Builder();
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
     *     then nothing has changed
     * @throws IllegalArgumentException if a bit is neither an interest nor a mode
     * @throws UnsupportedOperationException if the backend lacks a mode asked for
     * @throws IllegalStateException if another thread runs the loop
     * @throws ClosedPollerException if the loop is closed
     * @throws IOException never other than as above
     */
    public void add(int fd, int interest, EventHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        checkThread();
        poller.add(fd, interest);
        if (fd >= handlers.length) {
            handlers = Arrays.copyOf(handlers, Math.max(fd + 1, handlers.length * 2));
        }
        if (handlers[fd] == null) {
            handlerCount++;
        }
        handlers[fd] = handler;
    }

    /**
     * Starts to watch a channel of the JDK. The handler gets the number by which the backend knows
     * it.
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
        add(fileno(channel), interest, handler);
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
        checkThread();
        try {
            poller.modify(fd, interest);
        } catch (PollerException e) {
            if (e.errno().equals("EBADF") || e.errno().equals("ENOENT")) {
                forget(fd); // the poller has no such registration any more
            }
            throw e;
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
        checkThread();
        forget(fd);
        poller.remove(fd);
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
     * Runs the loop on this thread until {@link #stop} or {@link #close}, also when nothing is
     * registered: another thread may still {@link #execute}.
     *
     * @throws IllegalStateException if the loop is closed or running already
     * @throws IOException if the wait itself fails; it has been logged and reported
     */
    public void run() throws IOException {
        enter();
        try {
            while (!stopRequested && !closed) {
                turn(-1);
            }
        } finally {
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
     * Ends the current {@link #run} after its turn. If none is running the next {@link #run}
     * returns at once, before any callback; a {@link #runOnce} does its turn without waiting. One
     * of these uses up any number of stops before it. Any thread.
     */
    public void stop() {
        stopRequested = true;
        wakeup();
    }

    /**
     * Closes the loop and its poller; descriptors and channels stay open. A thread inside {@link
     * #run} is woken, gets no further event, ends its turn and returns; the tasks and timers left
     * then are never called. Any thread, any number of times.
     */
    @Override
    public void close() {
        closed = true;
        poller.close();
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
     * which they were queued. Any thread.
     *
     * @param task called once on the loop's thread, unless the loop is closed before
     * @throws RejectedExecutionException if the loop is closed
     */
    @Override
    public void execute(Runnable task) {
        Objects.requireNonNull(task, "task");
        if (closed) {
            throw new RejectedExecutionException(closedMessage());
        }
        tasks.offer(task);
        wakeup();
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
        Timer timer = new Timer(this, Objects.requireNonNull(task, "task"), 0);
        schedule(timer, delay);
        return timer;
    }

    /**
     * Calls a task again and again at a fixed rate, first after one period. The rate does not
     * drift: every call is due at a multiple of the period. Calls missed while the loop was held up
     * are made up for by a single one.
     *
     * @param period more than zero
     * @param task called on the loop's thread
     * @return what cancels it
     * @throws IllegalArgumentException if the period is zero or negative
     * @throws IllegalStateException if another thread runs the loop, or the loop is closed
     */
    public Timer addPeriodic(Duration period, Runnable task) {
        if (period.isNegative() || period.isZero()) {
            throw new IllegalArgumentException(
                    "a period must be more than zero, this one is " + period);
        }
        Timer timer = new Timer(this, Objects.requireNonNull(task, "task"), toNanos(period));
        schedule(timer, period);
        return timer;
    }

    /**
     * Cancels a periodic timer by its task; one of them if the task was added several times.
     *
     * @param task an equal of what {@link #addPeriodic} got
     * @return false if there is none
     * @throws IllegalStateException if another thread runs the loop
     */
    public boolean removePeriodic(Runnable task) {
        checkThread();
        Timer timer = timers.findPeriodic(task);
        return timer != null && timers.remove(timer);
    }

    /**
     * Calls a hook in every turn right before the wait, behind the hooks added earlier.
     *
     * @param hook called on the loop's thread, from the next turn on if added by such a hook
     * @throws IllegalStateException if another thread runs the loop
     */
    public void addBeforePoll(Runnable hook) {
        checkThread();
        beforePoll = with(beforePoll, hook);
    }

    /**
     * Calls a hook in every turn after the last handler, behind the hooks added earlier.
     *
     * @param hook called on the loop's thread, from the next turn on if added by such a hook
     * @throws IllegalStateException if another thread runs the loop
     */
    public void addAfterPoll(Runnable hook) {
        checkThread();
        afterPoll = with(afterPoll, hook);
    }

    /**
     * Removes a hook of {@link #addBeforePoll}, the earliest if it was added several times.
     *
     * @param hook an equal of what was added; still called in this turn if a hook removes it
     * @return false if there is none
     * @throws IllegalStateException if another thread runs the loop
     */
    public boolean removeBeforePoll(Runnable hook) {
        checkThread();
        Runnable[] former = beforePoll;
        beforePoll = without(former, hook);
        return beforePoll != former;
    }

    /**
     * Removes a hook of {@link #addAfterPoll}, the earliest if it was added several times.
     *
     * @param hook an equal of what was added; still called in this turn if a hook removes it
     * @return false if there is none
     * @throws IllegalStateException if another thread runs the loop
     */
    public boolean removeAfterPoll(Runnable hook) {
        checkThread();
        Runnable[] former = afterPoll;
        afterPoll = without(former, hook);
        return afterPoll != former;
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
     * Tells whether the caller runs in this loop. Any thread.
     *
     * @return true on the thread that is inside {@link #run} or {@link #runOnce}
     */
    public boolean inLoop() {
        return runner.get() == Thread.currentThread();
    }

    /**
     * Names the loop, its backend, its state, and how much is registered; the counts are a guess
     * off the loop's thread. Any thread.
     *
     * @return for logs
     */
    @Override
    public String toString() {
        Thread thread = runner.get();
        String state =
                closed ? "closed" : thread == null ? "idle" : "running in " + thread.getName();
        return "Uloop["
                + name
                + ", "
                + provider.name()
                + ", "
                + state
                + ", descriptors="
                + handlerCount
                + ", timers="
                + timers.size()
                + ']';
    }

    void schedule(Timer timer, Duration delay) {
        long delayNanos = toNanos(delay);
        checkThread();
        checkOpen();
        timers.schedule(timer, System.nanoTime() + delayNanos);
    }

    boolean cancel(Timer timer) {
        checkThread();
        return timers.remove(timer);
    }

    private int turn(long timeoutNanos) throws IOException {
        now = System.nanoTime();
        int taskCount = tasks.size();
        runTimers();
        runTasks(taskCount);
        runHooks(beforePoll);
        int events = poll(timeoutNanos);
        runHooks(afterPoll);
        return events;
    }

    /** Runs what was due and scheduled when the turn began. */
    private void runTimers() {
        long sequenceEnd = timers.nextSequence();
        for (; ; ) {
            Timer timer = timers.due(now, sequenceEnd);
            if (timer == null) {
                return;
            }
            long periodNanos = timer.periodNanos();
            if (periodNanos == 0) {
                timers.remove(timer);
            } else {
                // Before the call, which may then cancel it; past what was missed, hence no burst.
                long periodsOver = (now - timer.deadline) / periodNanos + 1;
                timers.schedule(timer, timer.deadline + periodsOver * periodNanos);
            }
            runGuarded("timer", timer.task());
        }
    }

    private void runTasks(int count) {
        for (int i = 0; i < count; i++) {
            Runnable task = tasks.relaxedPoll();
            if (task == null) {
                return; // its thread has claimed the place but not filled it: next turn
            }
            runGuarded("task", task);
        }
    }

    private void runHooks(Runnable[] hooks) {
        for (Runnable hook : hooks) {
            runGuarded("hook", hook);
        }
    }

    private void runGuarded(String kind, Runnable callback) {
        try {
            callback.run();
        } catch (Exception e) {
            report(kind, "", callback, e);
        }
    }

    private int poll(long timeoutNanos) throws IOException {
        clockStale = true;
        try {
            return poller.poll(waitNanos(timeoutNanos), sink);
        } catch (ClosedPollerException e) {
            return 0; // closed by this turn or by another thread; run ends
        } catch (IOException e) {
            report("wait for events", "", this, e);
            throw e;
        } finally {
            refreshClock();
        }
    }

    /** How long the poller may wait: no longer than asked, and not beyond the next timer. */
    private long waitNanos(long timeoutNanos) {
        if (timeoutNanos == 0 || stopRequested || !tasks.isEmpty()) {
            return 0;
        }
        Timer next = timers.peek();
        if (next == null) {
            return timeoutNanos;
        }
        long untilTimer = Math.max(next.deadline - System.nanoTime(), 0);
        return timeoutNanos < 0 ? untilTimer : Math.min(timeoutNanos, untilTimer);
    }

    private void dispatch(int fd, int events) {
        refreshClock();
        EventHandler handler = handlers[fd];
        if (handler == null) {
            return; // removed since; a poller that keeps its contract does not report it
        }
        if ((events & UEvent.NVAL) != 0) {
            forget(fd); // before the call, in which the number may be added anew
        }
        try {
            handler.processEvent(fd, events);
        } catch (Exception e) {
            String what = " on fd=" + fd + " with " + UEvent.toString(events);
            report("handler", what, handler, e);
        }
    }

    private void refreshClock() {
        if (clockStale) {
            clockStale = false;
            now = System.nanoTime();
        }
    }

    private void report(String kind, String detail, Object source, Exception error) {
        if (error instanceof InterruptedException) {
            Thread.currentThread().interrupt(); // for the caller of run, who owns the thread
        }
        LOGGER.log(
                System.Logger.Level.ERROR,
                name + ": " + kind + " " + describe(source) + " failed" + detail,
                error);
        try {
            errorHandler.onError(this, source, error);
        } catch (Exception e) {
            LOGGER.log(System.Logger.Level.ERROR, name + ": the error handler failed", e);
        }
    }

    /** A user's toString that throws must not stop the loop either. */
    private static String describe(Object source) {
        try {
            return source.toString();
        } catch (RuntimeException e) {
            return source.getClass().getName() + " (" + e + " from its toString)";
        }
    }

    private void forget(int fd) {
        if (fd >= 0 && fd < handlers.length && handlers[fd] != null) {
            handlers[fd] = null;
            handlerCount--;
        }
    }

    private int fileno(SelectableChannel channel) throws IOException {
        if (channel.isBlocking()) {
            throw new IllegalBlockingModeException();
        }
        return descriptors.fileno(channel);
    }

    private void enter() {
        checkOpen();
        if (!runner.compareAndSet(null, Thread.currentThread())) {
            throw new IllegalStateException(
                    inLoop()
                            ? name + " cannot be run from its own callbacks; return first"
                            : name + " is run by another thread; use one loop per thread");
        }
    }

    private void leave() {
        stopRequested = false;
        runner.set(null);
    }

    /** The loop's own thread looks at tasks and stops before it waits. */
    private void wakeup() {
        if (!inLoop()) {
            poller.wakeup();
        }
    }

    private void checkThread() {
        Thread thread = runner.get();
        if (thread != null && thread != Thread.currentThread()) {
            throw new IllegalStateException(
                    "thread "
                            + Thread.currentThread().getName()
                            + " may not touch "
                            + name
                            + " while thread "
                            + thread.getName()
                            + " runs it; hand the call over with execute");
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(closedMessage());
        }
    }

    private String closedMessage() {
        return name + " is closed; open another loop with Uloop.open()";
    }

    private static long toNanos(Duration duration) {
        if (duration.isNegative()) {
            return 0;
        }
        if (duration.toSeconds() >= TimeUnit.NANOSECONDS.toSeconds(MAX_DELAY_NANOS)) {
            return MAX_DELAY_NANOS;
        }
        return duration.toNanos();
    }

    private static Runnable[] with(Runnable[] hooks, Runnable hook) {
        Runnable[] more = Arrays.copyOf(hooks, hooks.length + 1);
        more[hooks.length] = Objects.requireNonNull(hook, "hook");
        return more;
    }

    /** The same array if the hook is not in it. */
    private static Runnable[] without(Runnable[] hooks, Runnable hook) {
        int place = Arrays.asList(hooks).indexOf(hook);
        if (place < 0) {
            return hooks;
        }
        Runnable[] fewer = Arrays.copyOf(hooks, hooks.length - 1);
        System.arraycopy(hooks, place + 1, fewer, place, fewer.length - place);
        return fewer;
    }

    /** Describes a loop. Not for several threads at once. */
    public static final class Builder {
        private @Nullable String pollerSpec;
        private @Nullable PollerProvider pollerProvider;
        private @Nullable String name;
        private ErrorHandler errorHandler = (loop, source, error) -> {};

        private Builder() {}

        /**
         * Asks for a backend by specification; replaces what was asked for before.
         *
         * @param spec as for {@link Pollers#provider(String)}
         * @return this
         */
        public Builder poller(String spec) {
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
        public Builder poller(PollerProvider provider) {
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
        public Builder errorHandler(ErrorHandler handler) {
            errorHandler = Objects.requireNonNull(handler, "handler");
            return this;
        }

        /**
         * Names the loop in logs and messages; by default it gets a number.
         *
         * @param name any text
         * @return this
         */
        public Builder name(String name) {
            this.name = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * Opens the loop.
         *
         * @return a new one each time
         * @throws io.uloop.poller.PollerUnavailableException if the specification is unknown or
         *     names nothing usable
         * @throws UnsupportedOperationException if the provider given is not usable
         * @throws IOException EMFILE, ENFILE, ENOMEM if the kernel has no room for its poller
         */
        public Uloop build() throws IOException {
            return new Uloop(this);
        }

        private PollerProvider resolve() {
            if (pollerProvider != null) {
                return pollerProvider;
            }
            return pollerSpec == null ? Pollers.provider() : Pollers.provider(pollerSpec);
        }
    }
}
