package io.uloop;

/**
 * Handles exceptions thrown by handlers, tasks, timers and hooks, after the loop has logged them.
 * The log is limited so that a peer cannot fill it. For each combination of callback kind, class
 * and exception, the loop logs ten lines in 30 seconds, the first with its stack trace, followed by
 * the number of omitted ones. This handler receives every exception.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface ErrorHandler {
    /**
     * Called on the loop's thread for each exception. The loop then continues; call {@link
     * Uloop#stop} to end it.
     *
     * @param loop the loop whose callback failed
     * @param callback the callback that threw, or the loop itself if the wait failed, which {@link
     *     Uloop#run} then rethrows
     * @param error the exception as it was thrown; never an {@link Error}, which propagates out of
     *     {@link Uloop#run}
     * @throws Exception any failure, which is only logged
     */
    void onError(Uloop loop, FailedCallback callback, Exception error) throws Exception;
}
