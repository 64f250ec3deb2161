package io.uloop;

/**
 * A snapshot of what a {@link Uloop} has done since it was opened and of what is registered; see
 * {@link Uloop#metrics}. Take two snapshots and call {@link #since} for the activity in between.
 *
 * @param turns completed turns, each of which polls once
 * @param events events passed to handlers
 * @param busyNanos time in turns outside waits, including a callback in progress, in nanoseconds; 0
 *     if time is not measured
 * @param idleNanos time in waits until their first event, including a wait in progress, in
 *     nanoseconds; 0 if time is not measured
 * @param timerCalls calls of timers
 * @param taskCalls calls of tasks
 * @param wakeups waits that ended early without an event, because of {@link Uloop#execute}, {@link
 *     Uloop#stop} or an interrupt. If time is not measured, this misses waits that end just before
 *     their limit, within the time that the turn's callbacks took
 * @param errors exceptions thrown by callbacks and failed waits, as passed to the {@link
 *     ErrorHandler}
 * @param descriptors registered descriptors
 * @param timers active timers
 * @param tasks queued tasks
 * @param bufferedBytes memory held by connections: output that peers have not read, incomplete TLS
 *     records and frames, and an estimate of the TLS state
 * @param endedForMemory connections closed because {@link UloopBuilder#bufferBudget} was exceeded
 *     or because of an {@link OutOfMemoryError}
 * @param connections open TCP and unix-domain stream channels on this loop, including those of
 *     connections, without listeners
 * @param slowCallbacks callbacks that took longer than {@link UloopBuilder#slowHandlerThreshold}; 0
 *     without a threshold
 * @param turnTimes how long turns took outside their waits, if {@link UloopBuilder#turnTimes} is on
 * @since 0.1
 */
public record LoopMetrics(
        long turns,
        long events,
        long busyNanos,
        long idleNanos,
        long timerCalls,
        long taskCalls,
        long wakeups,
        long errors,
        int descriptors,
        int timers,
        int tasks,
        long bufferedBytes,
        long endedForMemory,
        int connections,
        long slowCallbacks,
        TurnTimes turnTimes) {
    /** {@return the average number of events found by a poll, 0 or more} */
    public double eventsPerPoll() {
        return turns == 0 ? 0 : (double) events / turns;
    }

    /**
     * Returns the fraction of time in which the loop was busy. A loop with a load near 1 is
     * overloaded or spins. The load of a snapshot covers the time since the loop was opened; use
     * {@link #since} for the recent load.
     *
     * @return 0 to 1; 0 if time is not measured
     */
    public double load() {
        long total = busyNanos + idleNanos;
        return total == 0 ? 0 : (double) busyNanos / total;
    }

    /**
     * Returns the activity between an earlier snapshot of the same loop and this one. {@link #load}
     * and {@link #eventsPerPoll} of the result cover that period.
     *
     * @param earlier a snapshot taken before this one
     * @return the differences of all counts; descriptors, timers, tasks, buffered bytes and
     *     connections are those of this snapshot
     */
    public LoopMetrics since(LoopMetrics earlier) {
        return new LoopMetrics(
                turns - earlier.turns,
                events - earlier.events,
                busyNanos - earlier.busyNanos,
                idleNanos - earlier.idleNanos,
                timerCalls - earlier.timerCalls,
                taskCalls - earlier.taskCalls,
                wakeups - earlier.wakeups,
                errors - earlier.errors,
                descriptors,
                timers,
                tasks,
                bufferedBytes,
                endedForMemory - earlier.endedForMemory,
                connections,
                slowCallbacks - earlier.slowCallbacks,
                turnTimes.since(earlier.turnTimes));
    }
}
