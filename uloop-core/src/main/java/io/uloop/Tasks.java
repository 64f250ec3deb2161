package io.uloop;

import java.util.ArrayList;
import java.util.List;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;

/** The tasks of one loop: any thread queues, one at a time takes. */
final class Tasks {
    private static final int CHUNK = 1024;

    private final MessagePassingQueue<Runnable> queue =
            new MpscUnboundedVarHandleArrayQueue<>(CHUNK);
    private final Failures failures;

    Tasks(Failures failures) {
        this.failures = failures;
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

    /** Runs so many at most; tells how many it has run. */
    int run(int count) {
        for (int i = 0; i < count; i++) {
            Runnable task = queue.relaxedPoll();
            if (task == null) {
                return i; // its thread has claimed the place but not filled it: next turn
            }
            failures.guard("task", task);
        }
        return count;
    }

    /** Drops what is queued; gives those of it whose result somebody waits for. */
    List<Awaited<?>> discard() {
        List<Awaited<?>> waitedFor = new ArrayList<>();
        for (Runnable task = queue.poll(); task != null; task = queue.poll()) {
            if (task instanceof Awaited<?> awaited) {
                waitedFor.add(awaited);
            }
        }
        return waitedFor;
    }
}
