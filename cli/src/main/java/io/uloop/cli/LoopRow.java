package io.uloop.cli;

/**
 * What a loop in another process does.
 *
 * @param name its name
 * @param turnsPerSecond completed turns
 * @param eventsPerSecond events passed to handlers
 * @param load the fraction of time in which it was busy, 0 to 1
 * @param turnNanosP99 the time that 99 of 100 turns took at most
 * @param descriptors registered descriptors
 * @param connections open connections
 * @param timers active timers
 * @param tasks queued tasks
 * @param slowCallbacks slow callbacks since it was opened
 */
record LoopRow(
        String name,
        double turnsPerSecond,
        double eventsPerSecond,
        double load,
        long turnNanosP99,
        long descriptors,
        long connections,
        long timers,
        long tasks,
        long slowCallbacks) {}
