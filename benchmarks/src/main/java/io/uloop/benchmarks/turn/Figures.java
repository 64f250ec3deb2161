package io.uloop.benchmarks.turn;

import java.util.Arrays;

/**
 * The cost of one operation over all rounds, in nanoseconds of CPU time. Other programs can only
 * add to it, so the minimum is the least disturbed round.
 *
 * @param least the minimum
 * @param median the median
 * @param upper the upper quartile
 * @param bytes the bytes allocated on the heap per operation
 */
record Figures(double least, double median, double upper, double bytes) {
    /**
     * Summarizes rounds.
     *
     * @param rounds one or more values
     */
    static Figures of(double[] rounds, double bytes) {
        double[] sorted = rounds.clone();
        Arrays.sort(sorted);
        return new Figures(
                sorted[0],
                (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2,
                sorted[(sorted.length * 3 - 1) / 4],
                bytes);
    }
}
