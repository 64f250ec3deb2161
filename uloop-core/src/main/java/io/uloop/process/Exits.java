package io.uloop.process;

import io.uloop.LoopTask;
import io.uloop.RefHandle;
import io.uloop.Uloop;
import java.io.IOException;
import java.util.Objects;

/**
 * Exits of other processes. Native backends on Linux 5.3 or newer poll a descriptor of the process.
 * Elsewhere one thread of this library checks all processes periodically, at least every 100 ms.
 *
 * <pre>{@code
 * Exits.on(loop, builder.start(), (process, status) -> System.out.println(status));
 * }</pre>
 *
 * @since 0.1
 */
public final class Exits {
    private Exits() {}

    /**
     * Calls a handler when a child process exits, or in the next turn if it already has. The loop
     * does not reap the child, so {@link Process#waitFor()} still works. Thread-safe.
     *
     * @param loop the loop that calls the handler; it is not idle before the process has exited,
     *     unless the handle is unreferenced
     * @param process a child of this JVM
     * @param handler called once on the loop's thread
     * @return a thread-safe handle that removes the handler when closed, without affecting the
     *     process; closing the loop does so too
     * @throws IllegalStateException if the loop is closed
     */
    public static RefHandle on(Uloop loop, Process process, ExitHandler handler) {
        Objects.requireNonNull(handler, "handler");
        return ExitCall.open(loop, process, handler);
    }

    /**
     * Calls a task when any process exits, or in the next turn if it already has. Not thread-safe:
     * call from the loop's thread.
     *
     * @param loop the loop that calls the task; it is not idle before the process has exited,
     *     unless the handle is unreferenced
     * @param process any process except this one; only its parent can obtain its exit status
     * @param task called once on the loop's thread
     * @return a thread-safe handle that removes the task when closed, without affecting the
     *     process; closing the loop does so too
     * @throws IllegalArgumentException if the process is this JVM
     * @throws IllegalStateException if the loop is closed
     * @throws IOException EMFILE, ENFILE or ENOMEM if no descriptor can be opened; ENOSPC
     * @see <a href="https://man7.org/linux/man-pages/man2/pidfd_open.2.html">pidfd_open(2)</a>
     */
    public static RefHandle on(Uloop loop, ProcessHandle process, LoopTask task)
            throws IOException {
        Objects.requireNonNull(task, "task");
        loop.checkThread();
        if (process.equals(ProcessHandle.current())) {
            throw new IllegalArgumentException(
                    "cannot call a handler on the exit of this process itself; use a shutdown hook");
        }
        return ExitCall.open(loop, process, task);
    }
}
