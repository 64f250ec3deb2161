package io.uloop.group;

import io.uloop.LoopTask;
import io.uloop.Uloop;
import io.uloop.net.TcpChannel;
import io.uloop.observe.Log;
import io.uloop.poller.NativeDescriptors;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A group of loops, each on its own thread. The group starts its loops in order, each after the
 * previous one is running, and ends them in reverse order.
 *
 * <pre>{@code
 * UloopGroup group = UloopGroup.builder().name("service").build(); // one loop per processor
 * GroupListener.open(group, address, Connection.acceptor(options, EchoHandler::new));
 * ...
 * group.shutdown(Duration.ofSeconds(5));
 * }</pre>
 *
 * <p>{@link Uloop#stop} does not end a loop of a group. A loop runs until the group ends it, it is
 * closed or it fails. It fails if {@link Uloop#run} throws, for example an {@link Error} of a
 * handler. The group then closes it, logs an ERROR with the number of loops that remain, and calls
 * the {@link LoopFailureHandler}. The other loops continue, and {@link #next} skips the failed one.
 * The group replaces a failed loop only if {@link UloopGroupBuilder#replaceFailed} says so, because
 * the state that its handlers shared may be inconsistent.
 *
 * <p>The threads are not daemon threads by default, so the JVM runs until the group has ended.
 * Thread-safe.
 *
 * @since 0.1
 */
public final class UloopGroup implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private static final long REPLACEMENT_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final String name;
    private final UloopGroupBuilder settings;

    /** By index. Its lock excludes replacements from the end of the group. */
    private final List<GroupLoop> loops = new CopyOnWriteArrayList<>();

    /** Those that have failed and whose threads still replace them. */
    private final List<GroupLoop> replaced = new CopyOnWriteArrayList<>();

    private final Deque<Long> replacementTimes = new ArrayDeque<>(); // guarded by loops
    private final List<GroupListener> listeners = new CopyOnWriteArrayList<>();

    /** Channels that a listener has handed over but that their loop has not yet taken. */
    private final Set<TcpChannel> underway = ConcurrentHashMap.newKeySet();

    private final AtomicInteger turn = new AtomicInteger();
    private volatile boolean ending;

    /**
     * @param settings which nobody changes any more
     */
    UloopGroup(UloopGroupBuilder settings) throws IOException {
        this.settings = settings;
        name = settings.name;
        try {
            for (int i = 0; i < settings.size; i++) {
                loops.add(openLoop(i));
            }
        } catch (IOException | RuntimeException | Error e) {
            loops.forEach(loop -> loop.uloop().close());
            throw e;
        }
    }

    private GroupLoop openLoop(int index) throws IOException {
        String loopName = name + "-" + index;
        Uloop loop = settings.build(loopName);
        try {
            if (settings.processors.length > 0) {
                var unused = NativeDescriptors.of(loop.provider()).processes().affinity();
            }
            return new GroupLoop(this, index, loopName, loop, settings);
        } catch (IOException | RuntimeException | Error e) {
            loop.close();
            throw e;
        }
    }

    void start() throws IOException {
        try {
            for (GroupLoop loop : loops) {
                loop.start();
            }
        } catch (IOException | RuntimeException | Error e) { // no thread could be created
            close();
            throw e;
        }
    }

    /**
     * Opens a group of loops on the backend that {@link io.uloop.poller.Pollers#provider()}
     * selects, and starts them.
     *
     * @param size the number of loops, 1 or more; one per processor is a good start
     * @return a running group
     * @throws IllegalArgumentException if the size is less than 1
     * @throws io.uloop.poller.PollerUnavailableException if no backend is usable
     * @throws IOException EMFILE, ENFILE or ENOMEM if the kernel cannot create all pollers
     */
    public static UloopGroup open(int size) throws IOException {
        return builder().size(size).build();
    }

    /** {@return a builder with the defaults of {@link #open} and one loop per processor} */
    public static UloopGroupBuilder builder() {
        return new UloopGroupBuilder();
    }

    /** {@return the number of loops, 1 or more, including those that have ended} */
    public int size() {
        return loops.size();
    }

    /**
     * Returns a loop, for example to {@link Uloop#execute} a task on it.
     *
     * @param index 0 to {@link #size} - 1
     * @return the loop, which may have ended; the new one if it was replaced
     * @throws IndexOutOfBoundsException if the index is out of range
     */
    public Uloop loop(int index) {
        return loops.get(index).uloop();
    }

    /**
     * Returns the next loop in rotation, skipping those that have ended.
     *
     * @return the next loop
     * @throws IllegalStateException if all loops have ended; the cause is the first failure, if any
     */
    public Uloop next() {
        for (int i = 0; i < size(); i++) {
            Uloop loop = loop(Math.floorMod(turn.getAndIncrement(), size()));
            if (loop.isOpen()) {
                return loop;
            }
        }
        throw new IllegalStateException("every loop of " + name + " has ended", firstFailure());
    }

    /**
     * Returns the failure of a loop.
     *
     * @param index 0 to {@link #size} - 1
     * @return the exception thrown by {@link Uloop#run}, or null if the loop, or the one that
     *     replaces it, is running or has ended without a failure
     * @throws IndexOutOfBoundsException if the index is out of range
     */
    public @Nullable Throwable failure(int index) {
        return loops.get(index).failure();
    }

    /**
     * Returns whether every loop has ended. A loop that is being replaced has not.
     *
     * @return true if no loop will run any more
     */
    public boolean hasEnded() {
        for (int i = 0; i < size(); i++) {
            GroupLoop seen;
            do {
                seen = loops.get(i);
                if (seen.isActive()) {
                    return false;
                }
            } while (loops.get(i) != seen); // its thread has replaced it before it ended
        }
        return true;
    }

    /**
     * Adds a task that is called when {@link #shutdown} begins, for example to close a listener or
     * to say goodbye to clients. It is not called by {@link #close}, nor for a loop that has
     * already ended.
     *
     * @param index of a loop, 0 to {@link #size} - 1
     * @param task called on the loop's thread, in the order of addition; the loop keeps running
     * @throws IndexOutOfBoundsException if the index is out of range
     * @throws IllegalStateException if the shutdown has begun
     */
    public void atShutdown(int index, LoopTask task) {
        loops.get(index).atShutdown(task);
    }

    /**
     * Adds a task that is called after a loop's last turn, whether the loop was shut down, closed
     * or failed. It can close the loop's channels, for example.
     *
     * @param index of a loop, 0 to {@link #size} - 1
     * @param task called on the loop's thread, in the order of addition; the loop is closed
     * @throws IndexOutOfBoundsException if the index is out of range
     * @throws IllegalStateException if the loop has ended
     */
    public void atEnd(int index, LoopTask task) {
        loops.get(index).atEnd(task);
    }

    /**
     * Shuts the group down gracefully. Calls the tasks of {@link #atShutdown}, then lets each loop
     * run until it is idle as in {@link Uloop#runUntilIdle}. At the limit, it closes the loops that
     * are not idle and interrupts their threads, but does not wait for them as {@link #close} does.
     * It does not wait for a loop whose callback is inside {@link System#exit} either.
     *
     * @param limit the longest wait; zero or less closes at once
     * @return true if every loop ended in time and none failed, other than replaced ones
     * @throws IllegalStateException on the thread of one of the loops, which would wait for itself
     * @throws InterruptedException if interrupted while waiting; the shutdown of the loops
     *     continues
     */
    public boolean shutdown(Duration limit) throws InterruptedException {
        if (isThreadOfALoop()) {
            throw new IllegalStateException(
                    "a loop of " + name + " cannot wait for its own end; use another thread");
        }
        long deadline = System.nanoTime() + nanos(limit);
        end();
        List<GroupLoop> reverse = reversed();
        // First no loop accepts work from outside, then none passes work on, so each can drain.
        boolean inTime = true;
        try {
            reverse.forEach(GroupLoop::announceShutdown);
            for (GroupLoop loop : reverse) {
                inTime &= loop.awaitAnnounced(deadline);
            }
        } finally {
            reverse.forEach(GroupLoop::finish); // even if the wait was interrupted
        }
        for (GroupLoop loop : reverse) {
            inTime &= loop.awaitEnd(deadline);
        }
        if (!inTime) {
            reverse.forEach(GroupLoop::force);
        }
        return inTime && firstFailure() == null;
    }

    /**
     * Closes every loop and waits until its thread has ended. Callbacks in progress run to their
     * end. If interrupted while waiting, it interrupts the loops' threads and continues to wait. On
     * the thread of one of the loops it does not wait. It does not wait for a loop whose callback
     * is inside {@link System#exit} either, so a shutdown hook may close the group. Idempotent.
     */
    @Override
    public void close() {
        end();
        List<GroupLoop> reverse = reversed();
        reverse.forEach(loop -> loop.uloop().close());
        if (isThreadOfALoop()) {
            return;
        }
        boolean interrupted = false;
        for (GroupLoop loop : reverse) {
            while (true) {
                try {
                    loop.awaitEnd();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                    reverse.forEach(GroupLoop::force);
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns the names of the group and its loops, for logs. */
    @Override
    public String toString() {
        return "UloopGroup[" + name + ", " + loops + ']';
    }

    /** Replaces a loop that has failed, on the thread of that loop, unless the limit is reached. */
    void replace(GroupLoop failed) {
        int index = failed.index();
        try {
            GroupLoop fresh;
            synchronized (loops) {
                if (ending || loops.get(index) != failed || !mayReplace()) {
                    return;
                }
                fresh = openLoop(index);
                replaced.add(failed); // before it leaves the loops, so that their end waits for it
                loops.set(index, fresh);
            }
            fresh.start();
            Log.warning("loop " + index + " of " + this + " replaces one that failed", null);
            listeners.forEach(listener -> listenAgain(listener, index));
        } catch (IOException | RuntimeException | Error e) {
            Log.error("cannot replace loop " + index + " of " + this, e);
        } finally {
            replaced.remove(failed);
        }
    }

    /** Opens a listener on a new loop. Its failure does not affect the loop or other listeners. */
    private void listenAgain(GroupListener listener, int index) {
        try {
            listener.loopReplaced(index);
        } catch (IOException | RuntimeException | Error e) {
            Log.error(
                    "cannot listen on "
                            + listener.localAddress()
                            + " with the new loop "
                            + index
                            + " of "
                            + this,
                    e);
        }
    }

    /** Counts a replacement. Returns false if there were too many within a minute. */
    private boolean mayReplace() {
        long now = System.nanoTime();
        while (!replacementTimes.isEmpty() && now - replacementTimes.peek() >= REPLACEMENT_NANOS) {
            replacementTimes.remove();
        }
        if (replacementTimes.size() >= settings.replacements) {
            return false;
        }
        replacementTimes.add(now);
        return true;
    }

    /** Ends replacements, so that the loops are those that end. */
    private void end() {
        synchronized (loops) {
            ending = true;
        }
    }

    boolean isEnding() {
        return ending;
    }

    /**
     * Adds a listener, which follows the beginnings and ends of the loops until it is removed.
     *
     * @throws IllegalStateException if the group is ending
     */
    void add(GroupListener listener) {
        synchronized (loops) {
            if (ending) {
                throw new IllegalStateException(
                        "cannot open a GroupListener: the group " + name + " is shutting down");
            }
            listeners.add(listener);
        }
    }

    void remove(GroupListener listener) {
        listeners.remove(listener);
    }

    Set<TcpChannel> underway() {
        return underway;
    }

    /** {@return what stops listening on a loop, for its thread} */
    List<LoopTask> listenerEnds(int index) {
        return listeners.stream()
                .map(listener -> (LoopTask) () -> listener.closeListener(index))
                .toList();
    }

    /** Closes the channels that a loop that has ended will not take, on its thread. */
    void closeUnderway(Uloop loop) throws IOException {
        for (TcpChannel channel : List.copyOf(underway)) {
            if (channel.loop() == loop && underway.remove(channel)) {
                channel.close();
            }
        }
    }

    /** {@return how many loops remain, for the log} */
    String remaining() {
        long open = loops.stream().filter(loop -> loop.uloop().isOpen()).count();
        return open == 0
                ? "the group " + name + " has no loop left; open a new group"
                : open + " of " + size() + " loops of the group " + name + " remain";
    }

    private static long nanos(Duration limit) {
        return limit.compareTo(LONGEST) < 0 ? limit.toNanos() : LONGEST.toNanos();
    }

    private boolean isThreadOfALoop() {
        return reversed().stream().anyMatch(GroupLoop::isCurrentThread);
    }

    /** Returns the loops and those that are being replaced, last first. */
    private List<GroupLoop> reversed() {
        List<GroupLoop> reverse = new ArrayList<>(replaced);
        reverse.addAll(loops);
        Collections.reverse(reverse);
        return reverse;
    }

    private @Nullable Throwable firstFailure() {
        for (GroupLoop loop : loops) {
            Throwable failure = loop.failure();
            if (failure != null) {
                return failure;
            }
        }
        return null;
    }
}
