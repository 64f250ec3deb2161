package io.uloop;

/**
 * What a {@link Uloop} has done since it was opened, and what it has now; see {@link
 * Uloop#metrics}. Take two and ask {@link #since} for what happened in between.
 *
 * @param turns completed turns, each of which polls once
 * @param events events given to handlers
 * @param busyNanos time in turns but outside waits, a callback under way included, in nanoseconds;
 *     0 if it is not measured
 * @param idleNanos time in waits, until their first event, a wait under way included, in
 *     nanoseconds; 0 if it is not measured
 * @param timerCalls calls of timers
 * @param taskCalls calls of tasks
 * @param wakeups waits that ended without an event before their time: by {@link Uloop#execute},
 *     {@link Uloop#stop}, an interrupt. If time is not measured, those that end within the last
 *     moments of a limited wait, as many as the turn's callbacks have taken, are not seen
 * @param errors exceptions of callbacks and failed waits, as told to the {@link ErrorHandler}
 * @param descriptors how many are registered
 * @param timers how many are active
 * @param tasks how many are queued
 * @param bufferedBytes memory that connections hold: output that their peers have not taken,
 *     incomplete TLS records, and an estimate for the state of TLS
 * @param endedForMemory connections that were ended because {@link UloopBuilder#bufferBudget} was
 *     used up or because of an {@link OutOfMemoryError}
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
        long endedForMemory) {
    /**
     * How many events a poll found on average.
     *
     * @return 0 or more
     */
    public double eventsPerPoll() {
        return turns == 0 ? 0 : (double) events / turns;
    }

    /**
     * Returns the part of its time that the loop was busy: near 1 it is overloaded, or spins. Of a
     * snapshot this is the load since the loop was opened; use {@link #since} for the load of late.
     *
     * @return from 0 to 1; 0 if time is not measured
     */
    public double load() {
        long total = busyNanos + idleNanos;
        return total == 0 ? 0 : (double) busyNanos / total;
    }

    /**
     * Returns what happened between an earlier snapshot of the same loop and this one. {@link
     * #load} and {@link #eventsPerPoll} of the result are those of the time in between.
     *
     * @param earlier a snapshot that was taken before this one
     * @return the differences of all that is counted; descriptors, timers, tasks and buffered bytes
     *     are this snapshot's
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
                endedForMemory - earlier.endedForMemory);
    }
}
