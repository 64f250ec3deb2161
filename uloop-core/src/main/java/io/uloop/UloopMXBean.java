package io.uloop;

/**
 * A loop in JMX, as {@code io.uloop:type=Uloop,name=...}; see {@link UloopBuilder#jmx}. The values
 * are those of {@link LoopMetrics}. Any thread.
 */
public interface UloopMXBean {
    /**
     * The backend's name.
     *
     * @return for example epoll
     */
    String getBackend();

    /**
     * Completed turns.
     *
     * @return {@link LoopMetrics#turns}
     */
    long getTurns();

    /**
     * Events given to handlers.
     *
     * @return {@link LoopMetrics#events}
     */
    long getEvents();

    /**
     * Events that a poll found on average.
     *
     * @return {@link LoopMetrics#eventsPerPoll}
     */
    double getEventsPerPoll();

    /**
     * Time in turns but outside waits.
     *
     * @return {@link LoopMetrics#busyNanos}
     */
    long getBusyNanos();

    /**
     * Time in waits.
     *
     * @return {@link LoopMetrics#idleNanos}
     */
    long getIdleNanos();

    /**
     * The busy part of the time since this was read before, at least a second ago; at first of the
     * time since the loop was opened.
     *
     * @return {@link LoopMetrics#load} of {@link LoopMetrics#since}
     */
    double getLoad();

    /**
     * Calls of timers.
     *
     * @return {@link LoopMetrics#timerCalls}
     */
    long getTimerCalls();

    /**
     * Calls of tasks.
     *
     * @return {@link LoopMetrics#taskCalls}
     */
    long getTaskCalls();

    /**
     * Waits that ended without an event before their time.
     *
     * @return {@link LoopMetrics#wakeups}
     */
    long getWakeups();

    /**
     * Exceptions of callbacks and failed waits.
     *
     * @return {@link LoopMetrics#errors}
     */
    long getErrors();

    /**
     * Registered descriptors.
     *
     * @return {@link LoopMetrics#descriptors}
     */
    int getDescriptors();

    /**
     * Active timers.
     *
     * @return {@link LoopMetrics#timers}
     */
    int getTimers();

    /**
     * Queued tasks.
     *
     * @return {@link LoopMetrics#tasks}
     */
    int getTasks();

    /**
     * Returns the memory that connections hold.
     *
     * @return {@link LoopMetrics#bufferedBytes}
     */
    long getBufferedBytes();

    /**
     * Returns the number of connections that were ended for lack of memory.
     *
     * @return {@link LoopMetrics#endedForMemory}
     */
    long getEndedForMemory();
}
