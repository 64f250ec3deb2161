package io.uloop.benchmarks.report;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A measured figure.
 *
 * @param contender what was measured, as in {@code epoll} or {@code netty-nio}
 * @param parameters the other parameters and their values
 * @param score the figure, in the unit of the question
 * @param low the lower end of the error bar
 * @param high the upper end of the error bar
 * @param bytesPerOperation the bytes allocated on the heap per operation, or null if unknown
 */
public record Row(
        String contender,
        Map<String, String> parameters,
        double score,
        double low,
        double high,
        @Nullable Double bytesPerOperation) {
    /** Checks the figures. */
    public Row {
        if (!(Double.isFinite(score) && low <= score && score <= high)) {
            throw new IllegalArgumentException(
                    contender + ": " + score + " is not within " + low + " to " + high);
        }
        parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
    }

    /** Returns half of the length of the error bar. */
    public double error() {
        return (high - low) / 2;
    }
}
