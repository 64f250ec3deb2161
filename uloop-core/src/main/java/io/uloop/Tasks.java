package io.uloop;

import io.uloop.internal.Refusable;
import java.util.ArrayList;
import java.util.List;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;

/**
 * The task queue of one loop. Any thread may add tasks, but only one thread at a time runs them.
 */
final class Tasks {
    private static final int CHUNK = 1024;

    /** Holds {@link LoopTask}s, and {@link Runnable}s so that they need no wrapper. */
    private final MessagePassingQueue<Object> queue = new MpscUnboundedAtomicArrayQueue<>(CHUNK);

    private final Failures failures;

    Tasks(Failures failures) {
        this.failures = failures;
    }

    void offer(LoopTask task) {
        queue.offer(task);
    }

    void offer(Runnable task) {
        queue.offer(task);
    }

    int size() {
        return queue.size();
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Runs at most the given number of tasks and returns how many it has run. */
    int run(int count) {
        for (int i = 0; i < count; i++) {
            Object task = queue.relaxedPoll();
            if (task == null) {
                return i; // a thread has claimed the slot but not filled it yet: next turn
            }
            // Runnable first, as most tasks are. Before JDK 23, to find that an object lacks an
            // interface takes a search of all its supertypes, longer than the rest of this loop.
            if (task instanceof Runnable executed) {
                failures.guardExecuted(executed);
            } else {
                failures.guard("task", (LoopTask) task);
            }
        }
        return count;
    }

    /** Drops the queued tasks and returns those that something waits for. */
    List<Refusable> discard() {
        List<Refusable> waitedFor = new ArrayList<>();
        for (Object task = queue.poll(); task != null; task = queue.poll()) {
            if (task instanceof Refusable awaited) {
                waitedFor.add(awaited);
            }
        }
        return waitedFor;
    }
}
