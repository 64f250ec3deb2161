package io.uloop.benchmarks.echo;

import io.uloop.benchmarks.report.Answer;
import io.uloop.benchmarks.report.Effort;
import io.uloop.benchmarks.report.Progress;
import io.uloop.benchmarks.report.Question;
import io.uloop.benchmarks.report.Row;
import io.uloop.benchmarks.report.Study;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Compares servers, each in its own process on one CPU, under some scenarios. The score is the
 * median of the rounds, and its error bar spans the middle half of them. The score of a sampled
 * figure is the mean, and its error bar spans all rounds. The notes have the median of the ratios
 * of consecutive rounds, which other load on the machine affects less.
 */
final class ServerStudy implements Study {
    /**
     * A question, and which figure of a round answers it.
     *
     * @param sampled whether a round has so few samples of the figure that only the mean of all
     *     rounds says something
     * @param idle the figure for memory per idle connection instead, or null
     */
    record Figure(
            Question question,
            ToDoubleFunction<Round> score,
            boolean sampled,
            @Nullable ToDoubleFunction<Outcome.IdleMemory> idle) {
        Figure(Question question, ToDoubleFunction<Round> score) {
            this(question, score, false, null);
        }

        private boolean hasRatios() {
            return !sampled && idle == null;
        }
    }

    /**
     * A scenario and how it is named in the results.
     *
     * @param load the rate as a fraction of the highest one of the first server in a closed loop; 0
     *     for the scenario's own
     */
    record Part(Scenario scenario, Map<String, String> parameters, double load) {
        Part(Scenario scenario, Map<String, String> parameters) {
            this(scenario, parameters, 0);
        }
    }

    /** How long to measure. */
    record Pace(int rounds, long millis, long warmupMillis) {
        static Pace of(Effort effort) {
            return switch (effort) {
                case QUICK -> new Pace(3, 200, 1000);
                case NORMAL -> new Pace(7, 400, 3000);
                case FULL -> new Pace(15, 1000, 5000);
            };
        }

        /** Returns about how long parts take, with one start and warmup of each server. */
        Duration duration(int servers, int parts) {
            return Duration.ofMillis(
                    servers * (START_MILLIS + warmupMillis + (long) parts * rounds * millis));
        }
    }

    private static final long START_MILLIS = 1000;

    private final String name;
    private final String summary;
    private final List<Contender> contenders;
    private final List<Part> parts;
    private final List<Figure> figures;

    /**
     * @param contenders the servers; those that cannot run here are left out. Ratios refer to the
     *     first that can
     */
    ServerStudy(
            String name,
            String summary,
            List<Contender> contenders,
            List<Part> parts,
            List<Figure> figures) {
        this.name = name;
        this.summary = summary;
        this.contenders = List.copyOf(contenders);
        this.parts = List.copyOf(parts);
        this.figures = List.copyOf(figures);
    }

    /** Returns the same study of some servers and of the first so many parts. */
    ServerStudy only(List<Contender> servers, int partCount) {
        return new ServerStudy(
                name,
                summary,
                contenders.stream().filter(servers::contains).toList(),
                parts.subList(0, Math.min(partCount, parts.size())),
                figures);
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
        return false;
    }

    @Override
    public Duration expected(Effort effort) {
        return Pace.of(effort).duration(contenders.size(), parts.size());
    }

    @Override
    public void run(Effort effort, Progress progress, Consumer<Answer> sink)
            throws IOException, InterruptedException {
        run(Pace.of(effort), List.of(), progress, sink);
    }

    /** Measures with these additional flags for the servers on the JVM. */
    void run(Pace pace, List<String> jvmFlags, Progress progress, Consumer<Answer> sink)
            throws IOException, InterruptedException {
        try (Programs programs = Programs.find()) {
            new Run(new Launcher(programs, Cpus.apart(), jvmFlags), pace, progress).run(sink);
        } catch (IOException e) {
            if (Thread.interrupted()) {
                InterruptedException interrupted = new InterruptedException();
                interrupted.initCause(e);
                throw interrupted;
            }
            throw e;
        }
    }

    /** One run of this study. */
    private final class Run {
        private final Launcher launcher;
        private final Pace pace;
        private final Progress progress;
        private final List<String> missing = new ArrayList<>();
        private final List<Contender> usable = new ArrayList<>();
        private final List<List<Row>> rows = new ArrayList<>();
        private final List<List<String>> ratios = new ArrayList<>();
        private int steps;

        Run(Launcher launcher, Pace pace, Progress progress) {
            this.launcher = launcher;
            this.pace = pace;
            this.progress = progress;
            for (int i = 0; i < figures.size(); i++) {
                rows.add(new ArrayList<>());
                ratios.add(new ArrayList<>());
            }
        }

        void run(Consumer<Answer> sink) throws IOException {
            Scenario first = parts.get(0).scenario();
            String reason = launcher.unavailability(first);
            if (reason != null) {
                throw new IOException("cannot run " + name + ": " + reason);
            }
            for (Contender contender : contenders) {
                String why = launcher.unavailability(contender);
                if (why == null) {
                    usable.add(contender);
                } else {
                    missing.add(contender + ": " + why);
                }
            }
            if (usable.isEmpty()) {
                throw new IOException("cannot run " + name + ": " + String.join("; ", missing));
            }
            // The memory of idle connections is that of a fresh server.
            int together = first.idle() > 0 ? 1 : parts.size();
            for (int i = 0; i < parts.size(); i += together) {
                measure(parts.subList(i, i + together), sink);
            }
        }

        private void measure(List<Part> some, Consumer<Answer> sink) throws IOException {
            Contender base = usable.get(0);
            try (Comparison comparison = new Comparison(launcher, this::report)) {
                Scenario warmup = some.get(0).scenario();
                comparison.start(usable, warmup, pace.warmupMillis());
                double highest = 0;
                for (Part part : some) {
                    Scenario scenario = part.scenario();
                    if (part.load() > 0) {
                        if (highest == 0) {
                            highest = highestRate(comparison, scenario, base);
                        }
                        scenario = scenario.withRate((int) (part.load() * highest));
                    }
                    add(part, comparison.measure(scenario, base, pace.rounds(), pace.millis()));
                    for (int i = 0; i < figures.size(); i++) {
                        sink.accept(answer(i));
                    }
                }
            }
        }

        /** Returns the messages per second of the base in a closed loop. */
        private double highestRate(Comparison comparison, Scenario scenario, Contender base)
                throws IOException {
            Outcome closed = comparison.measure(scenario, base, pace.rounds(), pace.millis());
            return Spread.of(closed.baseRounds(), Round::messagesPerSecond).median();
        }

        private void report(String step) {
            int parted = parts.get(0).scenario().idle() > 0 ? parts.size() : 1;
            int closed = parts.get(0).load() > 0 ? 1 : 0;
            int total = usable.size() * parted + (parts.size() + closed) * pace.rounds();
            progress.report(Math.min(1.0, steps++ / (double) total), step);
        }

        private Answer answer(int figure) {
            List<String> notes = new ArrayList<>(ratios.get(figure));
            notes.addAll(missing);
            return new Answer(figures.get(figure).question(), rows.get(figure), notes);
        }

        private void add(Part part, Outcome outcome) {
            for (int i = 0; i < figures.size(); i++) {
                Figure figure = figures.get(i);
                StringBuilder note = new StringBuilder(outcome.scenario().title());
                note.append(", x ").append(outcome.base()).append(':');
                String separator = " ";
                for (Outcome.Entry entry : outcome.entries()) {
                    rows.get(i).add(row(figure, part, entry));
                    if (figure.hasRatios() && entry.server() != outcome.base()) {
                        note.append(separator).append(entry.server()).append(' ');
                        note.append(
                                Spread.ofRatios(
                                        entry.rounds(), outcome.baseRounds(), figure.score()));
                        separator = ", ";
                    }
                }
                if (figure.hasRatios() && outcome.entries().size() > 1) {
                    ratios.get(i).add(note.toString());
                }
            }
        }

        private Row row(Figure figure, Part part, Outcome.Entry entry) {
            String server = entry.server().toString();
            if (figure.idle() != null && entry.idle() != null) {
                double bytes = figure.idle().applyAsDouble(entry.idle());
                return new Row(server, part.parameters(), bytes, bytes, bytes, null);
            }
            double[] scores = entry.rounds().stream().mapToDouble(figure.score()).toArray();
            Arrays.sort(scores);
            int left = figure.sampled() ? 0 : scores.length / 4;
            return new Row(
                    server,
                    part.parameters(),
                    figure.sampled()
                            ? Arrays.stream(scores).average().orElseThrow()
                            : Spread.of(scores).median(),
                    scores[left],
                    scores[scores.length - 1 - left],
                    Table.allocatedPerMessage(entry.rounds()));
        }
    }
}
