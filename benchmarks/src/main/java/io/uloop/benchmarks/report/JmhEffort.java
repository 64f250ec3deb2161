package io.uloop.benchmarks.report;

/**
 * The settings of JMH for an effort.
 *
 * @param rounds the number of rounds, with one fork of everything in each
 * @param warmups the iterations of a fork before those that count
 * @param warmupMillis the length of such an iteration
 * @param iterations the iterations of a fork that count
 * @param iterationMillis the length of such an iteration
 */
record JmhEffort(int rounds, int warmups, int warmupMillis, int iterations, int iterationMillis) {
    /** About how long a fork takes to start and to end. */
    private static final int START_MILLIS = 700;

    static JmhEffort of(Effort effort) {
        return switch (effort) {
            case QUICK -> new JmhEffort(1, 2, 100, 5, 100);
            case NORMAL -> new JmhEffort(2, 3, 150, 5, 200);
            case FULL -> new JmhEffort(5, 5, 400, 5, 500);
        };
    }

    /** Returns about how long a fork runs. */
    int forkMillis() {
        return START_MILLIS + warmups * warmupMillis + iterations * iterationMillis;
    }
}
