package io.uloop.benchmarks.echo;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The middle of some numbers, and how far they lie apart. */
record Spread(double median, double min, double max) {
    /**
     * Sums numbers up.
     *
     * @param values one or more
     * @throws IllegalArgumentException if there is none
     */
    static Spread of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("no values");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median =
                sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }

    /** Sums up one figure of the rounds. */
    static Spread of(List<Round> rounds, ToDoubleFunction<Round> figure) {
        return of(rounds.stream().mapToDouble(figure).toArray());
    }

    /** Sums up the ratios of a figure, each of the two rounds that ran one after the other. */
    static Spread ofRatios(List<Round> rounds, List<Round> base, ToDoubleFunction<Round> figure) {
        double[] ratios = new double[Math.min(rounds.size(), base.size())];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = figure.applyAsDouble(rounds.get(i)) / figure.applyAsDouble(base.get(i));
        }
        return of(ratios);
    }

    /** As {@code 1.04 (0.98..1.11)}. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.2f (%.2f..%.2f)", median, min, max);
    }
}
