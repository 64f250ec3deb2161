package io.uloop;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Loops on threads of their own, one each. They are started in order, each once the one before it
 * runs, and told to end in reverse order.
 *
 * <p>{@link Uloop#stop} ends nothing here: a loop runs until the group ends it, it is closed, or it
 * fails. It fails when {@link Uloop#run} throws, an {@link Error} of a handler included. Then the
 * group closes it, logs an ERROR that says how many loops serve on, and calls the {@link
 * LoopFailureHandler}. {@link #next} leaves it out, and the others go on. A failed loop is not
 * replaced, because what its handlers shared may be in any state; a program that can start afresh
 * does so in that handler.
 *
 * <p>The threads are no daemons: the JVM lives until the group has ended. Every method is for any
 * thread.
 */
public final class UloopGroup implements AutoCloseable {
    private final String name;
    private final List<GroupLoop> loops = new ArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();

    UloopGroup(UloopGroupBuilder builder) throws IOException {
        name = builder.name;
        try {
            for (int i = 0; i < builder.size; i++) {
                loops.add(open(builder, i));
            }
        } catch (IOException | RuntimeException | Error e) {
            loops.forEach(loop -> loop.uloop().close());
            throw e;
        }
    }

    private GroupLoop open(UloopGroupBuilder builder, int index) throws IOException {
        String loopName = name + "-" + index;
        Uloop loop = builder.build(loopName);
        return new GroupLoop(this, index, loopName, loop, builder.failureHandler);
    }

    void start() {
        try {
            loops.forEach(GroupLoop::start);
        } catch (RuntimeException | Error e) { // no room for a thread
            close();
            throw e;
        }
    }

    /**
     * Opens a group of loops on the backend that {@link io.uloop.poller.Pollers#provider()} finds,
     * and starts them.
     *
     * @param size how many, 1 or more; one per processor is a good start
     * @return a group that runs
     * @throws IllegalArgumentException if there are to be none
     * @throws io.uloop.poller.PollerUnavailableException if no backend is usable
     * @throws IOException EMFILE, ENFILE, ENOMEM if there is no room for so many
     */
    public static UloopGroup open(int size) throws IOException {
        return builder().size(size).build();
    }

    /**
     * Starts to describe a group.
     *
     * @return a builder with the defaults of {@link #open} and one loop per processor
     */
    public static UloopGroupBuilder builder() {
        return new UloopGroupBuilder();
    }

    /**
     * How many loops there are, those that have ended included.
     *
     * @return 1 or more
     */
    public int size() {
        return loops.size();
    }

    /**
     * One of the loops, to {@link Uloop#execute} on.
     *
     * @param index 0 to {@link #size} - 1
     * @return the loop, which may have ended
     * @throws IndexOutOfBoundsException if there is none
     */
    public Uloop loop(int index) {
        return loops.get(index).uloop();
    }

    /**
     * The loops in turn, without those that have ended.
     *
     * @return the next one
     * @throws IllegalStateException if all have ended; the cause is the first failure, if any
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
     * What a loop has failed with.
     *
     * @param index 0 to {@link #size} - 1
     * @return what its {@link Uloop#run} has thrown; null if it runs or has ended well
     * @throws IndexOutOfBoundsException if there is none
     */
    public @Nullable Throwable failure(int index) {
        return loops.get(index).failure();
    }

    /**
     * Has something done when {@link #shutdown} begins, such as to close a listener or to say
     * goodbye to clients. Not on {@link #close}, nor for a loop that has ended before.
     *
     * @param index of a loop, 0 to {@link #size} - 1
     * @param task called on the loop's thread, which goes on afterwards; in the order of these
     *     calls
     * @throws IndexOutOfBoundsException if there is none
     * @throws IllegalStateException if the shutdown has begun
     */
    public void atShutdown(int index, Runnable task) {
        loops.get(index).atShutdown(task);
    }

    /**
     * Has something done after a loop's last turn, whatever ended it, such as to close its
     * channels.
     *
     * @param index of a loop, 0 to {@link #size} - 1
     * @param task called on the loop's thread, with the loop closed; in the order of these calls
     * @throws IndexOutOfBoundsException if there is none
     * @throws IllegalStateException if the loop has ended
     */
    public void atEnd(int index, Runnable task) {
        loops.get(index).atEnd(task);
    }

    /**
     * Ends the group in peace: calls what {@link #atShutdown} was told, then lets each loop run
     * until it is idle as in {@link Uloop#runUntilIdle}. Loops that are not by the end of the limit
     * are closed, their threads interrupted and not waited for; {@link #close} does that. A loop
     * whose callback is inside {@link System#exit} is not waited for either.
     *
     * @param limit how long at most; zero or less closes at once
     * @return true if every loop has ended by itself and in time, none by a failure
     * @throws IllegalStateException on the thread of one of the loops, which would wait for itself
     * @throws InterruptedException if interrupted while waiting; the loops go on to end
     */
    public boolean shutdown(Duration limit) throws InterruptedException {
        if (loops.stream().anyMatch(GroupLoop::isCurrentThread)) {
            throw new IllegalStateException(
                    "a loop of " + name + " cannot wait for its own end; use another thread");
        }
        long deadline = System.nanoTime() + Timers.nanos(limit);
        List<GroupLoop> reverse = reversed();
        // Nothing comes from outside, then nothing from other loops, then each is on its own.
        boolean inTime = true;
        try {
            reverse.forEach(GroupLoop::announceShutdown);
            for (GroupLoop loop : reverse) {
                inTime &= loop.awaitAnnounced(deadline);
            }
        } finally {
            reverse.forEach(GroupLoop::finish); // even if nobody waits any more
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
     * Closes every loop and waits until their threads have ended: the callbacks that they are in
     * are not cut short. When interrupted while waiting it interrupts them, and goes on to wait. On
     * the thread of one of the loops it does not wait. Nor does it wait for a loop whose callback
     * is inside {@link System#exit}, so a shutdown hook may close the group. Any number of times.
     */
    @Override
    public void close() {
        List<GroupLoop> reverse = reversed();
        reverse.forEach(loop -> loop.uloop().close());
        if (reverse.stream().anyMatch(GroupLoop::isCurrentThread)) {
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

    /**
     * Names the group and its loops.
     *
     * @return for logs
     */
    @Override
    public String toString() {
        return "UloopGroup[" + name + ", " + loops + ']';
    }

    /** Says how many loops are left, for the log. */
    String remaining() {
        long open = loops.stream().filter(loop -> loop.uloop().isOpen()).count();
        return open == 0
                ? "the group " + name + " has no loop left and serves no more: restart it"
                : open + " of " + size() + " loops of the group " + name + " remain";
    }

    private List<GroupLoop> reversed() {
        List<GroupLoop> reverse = new ArrayList<>(loops);
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
