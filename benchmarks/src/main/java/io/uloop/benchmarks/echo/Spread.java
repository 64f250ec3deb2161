package io.uloop.benchmarks.echo;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The median and the range of some values. */
record Spread(double median, double min, double max) {
    /**
     * Summarizes values.
     *
     * @param values one or more values
     * @throws IllegalArgumentException if there are no values
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

    /** Summarizes one figure of the rounds. */
    static Spread of(List<Round> rounds, ToDoubleFunction<Round> figure) {
        return of(rounds.stream().mapToDouble(figure).toArray());
    }

    /** Summarizes the ratios of a figure, each between two rounds that ran consecutively. */
    static Spread ofRatios(List<Round> rounds, List<Round> base, ToDoubleFunction<Round> figure) {
        double[] ratios = new double[Math.min(rounds.size(), base.size())];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = figure.applyAsDouble(rounds.get(i)) / figure.applyAsDouble(base.get(i));
        }
        return of(ratios);
    }

    /** Formats the values as in {@code 1.04 (0.98..1.11)}. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.2f (%.2f..%.2f)", median, min, max);
    }
}
