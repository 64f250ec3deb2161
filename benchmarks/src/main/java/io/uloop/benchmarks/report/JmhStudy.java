package io.uloop.benchmarks.report;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs a JMH class, in forks, with the profiler of allocations.
 *
 * <p>The class has a parameter {@value #CONTENDER}. Each round runs one fork of every contender
 * with every value of the other parameters, so that other load on the machine affects all of them
 * alike. The forks inherit the flags of this virtual machine.
 */
public final class JmhStudy implements Study {
    /** The parameter that names the contender. */
    public static final String CONTENDER = "contender";

    private final String name;
    private final String summary;
    private final Class<?> benchmark;
    private final Map<String, Asked> methods;
    private final Map<Effort, Map<String, String[]>> values;
    private final Function<String, @Nullable String> unavailability;
    private final Duration setUp;

    private JmhStudy(Builder builder) {
        name = builder.name;
        summary = builder.summary;
        benchmark = builder.benchmark;
        methods = builder.methods;
        values = builder.values;
        unavailability = remembered(builder.unavailability);
        setUp = builder.setUp;
    }

    /** What a method answers. */
    record Asked(Question question, Map<String, String> constants) {}

    /**
     * Starts a study of a JMH class.
     *
     * @param name the word of the command line
     * @param summary one line for {@code --list}
     * @param benchmark the class with the benchmark methods
     */
    public static Builder of(String name, String summary, Class<?> benchmark) {
        return new Builder(name, summary, benchmark);
    }

    /** Configures a study. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private final String summary;
        private final Class<?> benchmark;
        private final Map<String, Asked> methods = new LinkedHashMap<>();
        private final Map<Effort, Map<String, String[]>> values = new EnumMap<>(Effort.class);
        private Function<String, @Nullable String> unavailability = contender -> null;
        private Duration setUp = Duration.ZERO;

        private Builder(String name, String summary, Class<?> benchmark) {
            this.name = name;
            this.summary = summary;
            this.benchmark = benchmark;
            for (Effort effort : Effort.values()) {
                values.put(effort, new TreeMap<>());
            }
        }

        /**
         * Adds a benchmark method.
         *
         * @param method the name of the method
         * @param question the question that it answers; several methods may share one
         * @param constants parameters and values that the method implies, as in {@code "threads",
         *     "2"}; may include the contender
         */
        public Builder measure(String method, Question question, String... constants) {
            Map<String, String> map = new TreeMap<>();
            for (int i = 0; i < constants.length; i += 2) {
                map.put(constants[i], constants[i + 1]);
            }
            methods.put(method, new Asked(question, map));
            return this;
        }

        /**
         * Sets the values of a parameter that an effort measures. By default it measures all that
         * the annotation lists.
         */
        public Builder at(Effort effort, String parameter, String... list) {
            Objects.requireNonNull(values.get(effort)).put(parameter, list);
            return this;
        }

        /**
         * Sets a function that returns why a contender cannot run here, or null if it can.
         * Contenders that cannot run are named in a note.
         */
        public Builder unavailability(Function<String, @Nullable String> function) {
            unavailability = function;
            return this;
        }

        /** Sets about how long a fork takes to prepare its measurement. */
        public Builder setUp(Duration duration) {
            setUp = duration;
            return this;
        }

        /**
         * Returns the study.
         *
         * @throws IllegalArgumentException if the class lacks a method or a parameter
         */
        public JmhStudy build() {
            JmhStudy study = new JmhStudy(this);
            methods.forEach(study::check);
            return study;
        }
    }

    /** Looks only once, because that may load native libraries. */
    private static Function<String, @Nullable String> remembered(
            Function<String, @Nullable String> function) {
        Map<String, Optional<String>> reasons = new HashMap<>();
        return contender ->
                reasons.computeIfAbsent(
                                contender, each -> Optional.ofNullable(function.apply(each)))
                        .orElse(null);
    }

    private void check(String method, Asked asked) {
        boolean varies = annotated(method).containsKey(CONTENDER);
        if (varies == asked.constants().containsKey(CONTENDER)) {
            throw new IllegalArgumentException(
                    method + " needs a parameter contender or a constant of that name");
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String summary() {
        return summary;
    }

    @Override
    public boolean runsByDefault() {
        return true;
    }

    @Override
    public Duration expected(Effort effort) {
        JmhEffort settings = JmhEffort.of(effort);
        long forks = (long) forksPerRound(effort) * settings.rounds();
        return Duration.ofMillis(settings.forkMillis()).plus(setUp).multipliedBy(forks);
    }

    /** Returns how many forks a round has: one per method, contender and parameters. */
    int forksPerRound(Effort effort) {
        int forks = 0;
        for (String method : methods.keySet()) {
            int combinations = 1;
            for (String[] list : parameters(method, effort).values()) {
                combinations *= list.length;
            }
            forks += combinations;
        }
        return forks;
    }

    @Override
    public void run(Effort effort, Progress progress, Consumer<Answer> sink)
            throws IOException, InterruptedException {
        JmhEffort settings = JmhEffort.of(effort);
        JmhRows rows = new JmhRows(methods, notes());
        JmhOutput output = new JmhOutput(settings, forksPerRound(effort), progress, rows, sink);
        Options options = options(effort, settings);
        for (int round = 1; round <= settings.rounds(); round++) {
            output.round(round);
            new JmhRun(options, output).call();
        }
    }

    private Options options(Effort effort, JmhEffort settings) {
        ChainedOptionsBuilder options =
                new OptionsBuilder()
                        .include(
                                "^"
                                        + Pattern.quote(benchmark.getName() + ".")
                                        + "("
                                        + String.join("|", methods.keySet())
                                        + ")$")
                        .addProfiler(GCProfiler.class)
                        .shouldFailOnError(false)
                        .forks(1)
                        .warmupIterations(settings.warmups())
                        .warmupTime(TimeValue.milliseconds(settings.warmupMillis()))
                        .measurementIterations(settings.iterations())
                        .measurementTime(TimeValue.milliseconds(settings.iterationMillis()));
        Map<String, String[]> all = new TreeMap<>();
        for (String method : methods.keySet()) {
            all.putAll(parameters(method, effort));
        }
        all.forEach(options::param);
        String access = "--enable-native-access=ALL-UNNAMED";
        if (Runtime.version().feature() >= 22 && !Machine.jvmFlags().contains(access)) {
            options.jvmArgsPrepend(access);
        }
        return options.build();
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>();
        for (String method : methods.keySet()) {
            for (String contender : annotated(method).getOrDefault(CONTENDER, new String[0])) {
                String reason = unavailability.apply(contender);
                String note = contender + ": " + reason;
                if (reason != null && !notes.contains(note)) {
                    notes.add(note);
                }
            }
        }
        return notes;
    }

    /** Returns the annotated parameters of a method with all of their values. */
    private Map<String, String[]> annotated(String method) {
        return JmhParameters.of(benchmark, method);
    }

    /** Returns the parameters of a method with the values to measure. */
    private Map<String, String[]> parameters(String method, Effort effort) {
        Map<String, String[]> parameters = annotated(method);
        Map<String, String[]> chosen = Objects.requireNonNull(values.get(effort));
        parameters.replaceAll((parameter, all) -> chosen.getOrDefault(parameter, all));
        parameters.computeIfPresent(
                CONTENDER,
                (parameter, all) ->
                        Arrays.stream(all)
                                .filter(each -> unavailability.apply(each) == null)
                                .toArray(String[]::new));
        return parameters;
    }
}
