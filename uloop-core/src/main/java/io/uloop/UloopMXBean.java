package io.uloop;

/**
 * The JMX interface of a loop, registered as {@code io.uloop:type=Uloop,name=...}; see {@link
 * UloopBuilder#jmx}. The values are those of {@link LoopMetrics}. Thread-safe.
 *
 * @since 0.1
 */
public interface UloopMXBean {
    /** {@return the backend's name, for example epoll} */
    String getBackend();

    /** {@return the number of completed turns; see {@link LoopMetrics#turns}} */
    long getTurns();

    /** {@return the number of events passed to handlers; see {@link LoopMetrics#events}} */
    long getEvents();

    /**
     * {@return the average number of events found by a poll; see {@link LoopMetrics#eventsPerPoll}}
     */
    double getEventsPerPoll();

    /**
     * {@return the time in turns outside waits, in nanoseconds; see {@link LoopMetrics#busyNanos}}
     */
    long getBusyNanos();

    /** {@return the time in waits, in nanoseconds; see {@link LoopMetrics#idleNanos}} */
    long getIdleNanos();

    /**
     * Returns the fraction of time in which the loop was busy since the previous read, at least a
     * second ago. The first read covers the time since the loop was opened.
     *
     * @return {@link LoopMetrics#load} of {@link LoopMetrics#since}
     */
    double getLoad();

    /**
     * Returns the time that 99 of 100 turns took at most, outside their waits, since the previous
     * read, as for {@link #getLoad}.
     *
     * @return nanoseconds; 0 without a turn; see {@link TurnTimes#percentileNanos}
     */
    long getTurnNanosP99();

    /** {@return the number of calls of timers; see {@link LoopMetrics#timerCalls}} */
    long getTimerCalls();

    /** {@return the number of calls of tasks; see {@link LoopMetrics#taskCalls}} */
    long getTaskCalls();

    /**
     * {@return the number of waits that ended early without an event; see {@link
     * LoopMetrics#wakeups}}
     */
    long getWakeups();

    /**
     * {@return the number of exceptions thrown by callbacks and failed waits; see {@link
     * LoopMetrics#errors}}
     */
    long getErrors();

    /** {@return the number of registered descriptors; see {@link LoopMetrics#descriptors}} */
    int getDescriptors();

    /** {@return the number of active timers; see {@link LoopMetrics#timers}} */
    int getTimers();

    /** {@return the number of queued tasks; see {@link LoopMetrics#tasks}} */
    int getTasks();

    /** {@return the number of bytes held by connections; see {@link LoopMetrics#bufferedBytes}} */
    long getBufferedBytes();

    /**
     * {@return the number of connections closed for lack of memory; see {@link
     * LoopMetrics#endedForMemory}}
     */
    long getEndedForMemory();

    /** {@return the number of open connections; see {@link LoopMetrics#connections}} */
    int getConnections();

    /** {@return the number of slow callbacks; see {@link LoopMetrics#slowCallbacks}} */
    long getSlowCallbacks();
}
