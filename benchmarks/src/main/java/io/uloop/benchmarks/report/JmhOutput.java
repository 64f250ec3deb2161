package io.uloop.benchmarks.report;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.IterationType;
import org.openjdk.jmh.runner.format.OutputFormat;

/** Turns the output of JMH into progress, answers and a log. Called by JMH's thread. */
final class JmhOutput implements OutputFormat {
    private static final Pattern EXCEPTION = Pattern.compile("[\\w.$]+(Exception|Error)(: .*)?");

    private final JmhEffort settings;
    private final int forksPerRound;
    private final Progress progress;
    private final JmhRows rows;
    private final Consumer<Answer> sink;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private int round;
    private int forks;
    private @Nullable BenchmarkParams running;
    private @Nullable String failure;
    private volatile boolean stopped;

    /** Leaves a run of JMH that has been stopped. */
    @SuppressWarnings("serial")
    static final class StoppedException extends RuntimeException {}

    JmhOutput(
            JmhEffort settings,
            int forksPerRound,
            Progress progress,
            JmhRows rows,
            Consumer<Answer> sink) {
        this.settings = settings;
        this.forksPerRound = forksPerRound;
        this.progress = progress;
        this.rows = rows;
        this.sink = sink;
    }

    /** Starts a round. */
    void round(int number) {
        round = number;
        forks = (number - 1) * forksPerRound;
    }

    /** Makes JMH stop before the next fork. May be called by another thread. */
    void stop() {
        stopped = true;
    }

    @Override
    public void startBenchmark(BenchmarkParams params) {
        if (stopped) {
            throw new StoppedException();
        }
        running = params;
        failure = null;
        report(params, 0);
    }

    @Override
    public void iteration(BenchmarkParams params, IterationParams iteration, int number) {
        int before = iteration.getType() == IterationType.WARMUP ? 0 : settings.warmups();
        report(params, (before + number) / (settings.warmups() + settings.iterations() + 1.0));
    }

    private void report(BenchmarkParams params, double ofFork) {
        String description = rows.describe(params);
        progress.report(
                (forks + ofFork) / (forksPerRound * settings.rounds()),
                settings.rounds() == 1
                        ? description
                        : description + ", round " + round + " of " + settings.rounds());
    }

    @Override
    public void endBenchmark(@Nullable BenchmarkResult result) {
        BenchmarkParams params = running;
        if (result != null) {
            rows.add(result);
        } else if (params != null && !stopped) {
            rows.note(rows.describe(params) + ": " + (failure == null ? "failed" : failure));
        }
        running = null;
        forks++;
        rows.answers().forEach(sink);
    }

    @Override
    public void println(String text) {
        print(text + "\n");
    }

    @Override
    public void print(String text) {
        write(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void write(byte[] bytes) {
        for (byte each : bytes) {
            write(each);
        }
    }

    /** Collects lines. The threads that read the output of a fork call this, too. */
    @Override
    public synchronized void write(int each) {
        if (each != '\n') {
            line.write(each);
            return;
        }
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        if (failure == null && EXCEPTION.matcher(text).matches()) {
            failure = text;
        }
        progress.log(text);
    }

    @Override
    public void verbosePrintln(String text) {}

    @Override
    public void iterationResult(
            BenchmarkParams params, IterationParams iteration, int number, IterationResult data) {
        println(rows.describe(params) + ": " + data.getPrimaryResult());
    }

    @Override
    public void startRun() {}

    @Override
    public void endRun(Collection<RunResult> results) {}

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
