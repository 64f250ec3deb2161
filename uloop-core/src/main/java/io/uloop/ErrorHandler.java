package io.uloop;

/**
 * Handles exceptions thrown by handlers, tasks, timers and hooks, after the loop has logged them.
 * Of one kind of callback, class and exception the loop logs ten in thirty seconds, the first with
 * its stack trace, and then the number of the others, so that a peer cannot fill the log. This
 * handler gets every one.
 */
@FunctionalInterface
public interface ErrorHandler {
    /**
     * Takes one exception, on the loop's thread. The loop goes on afterwards; call {@link
     * Uloop#stop} here to end it. An exception thrown here is logged and nothing more.
     *
     * @param loop where it happened
     * @param source the {@link EventHandler}, {@link Runnable} or other handler that threw, or the
     *     loop itself if the wait failed, which {@link Uloop#run} then rethrows
     * @param error what was thrown; never an {@link Error}, which leaves {@link Uloop#run} at once
     */
    void onError(Uloop loop, Object source, Exception error);
}
