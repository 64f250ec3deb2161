package io.uloop;

import io.uloop.internal.LoopAccess;
import io.uloop.internal.LoopEnd;
import io.uloop.observe.Callbacks;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The close of a loop, for code that owns something that should not outlive it.
 *
 * <pre>{@code
 * LoopClose.on(loop, pool::shutdown);
 * }</pre>
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public final class LoopClose {
    private LoopClose() {}

    /** The call of a task at the close of its loop. */
    private record Call(LoopAccess inside, LoopTask task)
            implements LoopEnd, Handle, Callbacks.Wrapper {
        @Override
        public void loopClosed(Consumer<LoopEnd.Call> caller) throws Exception {
            task.run();
        }

        @Override
        public void close() {
            inside.removeEnd(this);
        }

        @Override
        public Object wrapped() {
            return task;
        }

        @Override
        public boolean equals(Object other) {
            return this == other; // the same task may be added several times
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /**
     * Calls a task when a loop has been closed, after the last turn and the tasks added earlier.
     * The task runs on the thread that ran the loop, or on the thread that closes it if the loop is
     * not running. It cannot use the loop any more. The loop logs and reports what it throws.
     *
     * @param loop an open loop
     * @param task called once
     * @return a handle that removes the task when closed by any thread
     * @throws IllegalStateException if the loop is closed
     */
    public static Handle on(Uloop loop, LoopTask task) {
        LoopAccess inside = LoopAccess.of(loop);
        Call call = new Call(inside, Objects.requireNonNull(task, "task"));
        if (!loop.isOpen()) {
            throw inside.closedException();
        }
        inside.addEnd(call); // a close by another thread meanwhile calls it
        return call;
    }
}
