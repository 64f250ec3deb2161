package io.uloop.benchmarks.turn;

import io.uloop.benchmarks.CompiledLibrary;
import io.uloop.benchmarks.report.Answer;
import io.uloop.benchmarks.report.Effort;
import io.uloop.benchmarks.report.Progress;
import io.uloop.benchmarks.report.Question;
import io.uloop.benchmarks.report.Row;
import io.uloop.benchmarks.report.Study;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Measures turns of the loop and the calls of which they consist, beside C and the JDK. A row shows
 * the median of the rounds. Its error bar reaches from the least round to the upper quartile.
 */
public final class TurnStudy implements Study {
    private static final int WARMUPS = 3;

    private final int times;

    /** Creates the study. */
    public TurnStudy() {
        this(20_000);
    }

    /**
     * @param times how many operations a round has
     */
    TurnStudy(int times) {
        this.times = times;
    }

    @Override
    public String name() {
        return "turn";
    }

    @Override
    public String summary() {
        return "Cost of a turn with one event, and of its parts, in CPU time";
    }

    @Override
    public boolean runsByDefault() {
        return true;
    }

    @Override
    public Duration expected(Effort effort) {
        return Duration.ofSeconds(2 + rounds(effort));
    }

    private static int rounds(Effort effort) {
        return switch (effort) {
            case QUICK -> 5;
            case NORMAL -> 15;
            case FULL -> 51;
        };
    }

    @Override
    public void run(Effort effort, Progress progress, Consumer<Answer> sink)
            throws IOException, InterruptedException {
        PollerProvider provider = Pollers.provider();
        if (!(provider.descriptors() instanceof NativeDescriptors)) {
            throw new IOException(
                    "turn measures a native backend, and only "
                            + provider.name()
                            + " is usable here; leave turn out");
        }
        try {
            run(provider, rounds(effort), progress, sink);
        } catch (ClosedByInterruptException e) { // from a channel of the JDK
            Thread.interrupted();
            throw new InterruptedException();
        }
    }

    private void run(PollerProvider provider, int rounds, Progress progress, Consumer<Answer> sink)
            throws IOException, InterruptedException {
        CCalls c = CompiledLibrary.load(CCalls.class, "calls.c");
        try (TurnContenders contenders = new TurnContenders(provider, c)) {
            List<Entry> entries = contenders.open();
            List<Figures> figures = new Contest(entries, rounds, times).run(WARMUPS, progress);
            List<String> notes = c == null ? List.of(CompiledLibrary.ABSENT) : List.of();
            for (Question question : TurnContenders.QUESTIONS) {
                sink.accept(new Answer(question, rows(question, entries, figures), notes));
            }
        }
    }

    private static List<Row> rows(Question question, List<Entry> entries, List<Figures> figures) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (entry.question().equals(question)) {
                rows.add(row(entry, figures.get(i)));
            }
        }
        return rows;
    }

    private static Row row(Entry entry, Figures figures) {
        return new Row(
                entry.name(),
                Map.of("call", entry.call()),
                figures.median(),
                figures.least(),
                figures.upper(),
                figures.bytes());
    }
}
