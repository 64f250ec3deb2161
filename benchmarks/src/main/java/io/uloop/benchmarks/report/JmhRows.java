package io.uloop.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** Converts results of JMH to rows. Merges the results of all rounds. Not thread-safe. */
final class JmhRows {
    /** The confidence of the error bars. */
    private static final double CONFIDENCE = 0.95;

    private static final int LEAST_OPERATIONS = 1000;

    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private final Map<String, JmhStudy.Asked> methods;
    private final List<String> notes;
    private final Map<Measured, List<BenchmarkResult>> results = new LinkedHashMap<>();

    /** What a result is about: a method with its parameters. */
    record Measured(String method, Map<String, String> parameters) {
        static Measured of(BenchmarkParams params) {
            String benchmark = params.getBenchmark();
            Map<String, String> parameters = new TreeMap<>();
            for (String key : params.getParamsKeys()) {
                parameters.put(key, params.getParam(key));
            }
            return new Measured(benchmark.substring(benchmark.lastIndexOf('.') + 1), parameters);
        }
    }

    /**
     * @param methods the methods with their questions
     * @param notes the notes of all answers
     */
    JmhRows(Map<String, JmhStudy.Asked> methods, List<String> notes) {
        this.methods = methods;
        this.notes = new ArrayList<>(notes);
    }

    /** Adds the result of a fork. */
    void add(BenchmarkResult result) {
        results.computeIfAbsent(Measured.of(result.getParams()), key -> new ArrayList<>())
                .add(result);
    }

    /** Adds a note, once. */
    void note(String note) {
        if (!notes.contains(note)) {
            notes.add(note);
        }
    }

    /** Returns the answers so far. */
    List<Answer> answers() {
        Map<Question, List<Row>> rows = new LinkedHashMap<>();
        methods.forEach((method, asked) -> rows.put(asked.question(), new ArrayList<>()));
        results.forEach(
                (measured, forks) -> {
                    JmhStudy.Asked asked = asked(measured);
                    Objects.requireNonNull(rows.get(asked.question())).add(row(measured, forks));
                });
        List<Answer> answers = new ArrayList<>();
        rows.forEach((question, list) -> answers.add(new Answer(question, list, notes)));
        return answers;
    }

    /** Returns what a person calls it, as in {@code epoll, ready 1000}. */
    String describe(BenchmarkParams params) {
        Map<String, String> parameters = parameters(Measured.of(params));
        StringBuilder text = new StringBuilder();
        text.append(parameters.remove(JmhStudy.CONTENDER));
        parameters.forEach((key, value) -> text.append(", ").append(key).append(' ').append(value));
        return text.toString();
    }

    private JmhStudy.Asked asked(Measured measured) {
        return Objects.requireNonNull(methods.get(measured.method()), measured.method());
    }

    private Map<String, String> parameters(Measured measured) {
        Map<String, String> parameters = new TreeMap<>(measured.parameters());
        parameters.putAll(asked(measured).constants());
        return parameters;
    }

    private Row row(Measured measured, List<BenchmarkResult> forks) {
        Map<String, String> parameters = parameters(measured);
        String contender = Objects.requireNonNull(parameters.remove(JmhStudy.CONTENDER));
        RunResult merged = new RunResult(forks.get(0).getParams(), forks);
        Result<?> primary = merged.getPrimaryResult();
        double score = primary.getScore();
        double[] interval = primary.getStatistics().getConfidenceIntervalAt(CONFIDENCE);
        boolean unknown = Double.isNaN(interval[0]); // of a single sample
        return new Row(
                contender,
                parameters,
                score,
                unknown ? score : Math.min(score, Math.max(0, interval[0])),
                unknown ? score : Math.max(score, interval[1]),
                allocated(merged));
    }

    /**
     * Returns the bytes allocated per operation: the least of the iterations, because the others
     * include more of what JMH and the compiler allocate. Too few operations show only that.
     */
    private static @Nullable Double allocated(RunResult merged) {
        for (Result<?> result : merged.getSecondaryResults().values()) {
            if (result.getLabel().endsWith(ALLOCATED)) {
                double bytes = result.getStatistics().getMin();
                return operations(merged) < LEAST_OPERATIONS
                        ? null
                        : (Double) (Math.round(bytes * 100) / 100.0);
            }
        }
        return null;
    }

    /** Returns about how many operations an iteration has. */
    private static double operations(RunResult merged) {
        BenchmarkParams params = merged.getParams();
        double millis = params.getMeasurement().getTime().convertTo(TimeUnit.MILLISECONDS);
        double perOperation = merged.getPrimaryResult().getScore();
        return millis * params.getTimeUnit().convert(1, TimeUnit.MILLISECONDS) / perOperation;
    }
}
