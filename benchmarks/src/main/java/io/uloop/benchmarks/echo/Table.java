package io.uloop.benchmarks.echo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Formats outcomes as a text table. */
final class Table {
    private static final String RATIO = "x ";

    private static final List<String> HEADER =
            List.of(
                    "server",
                    "CPU us/msg",
                    RATIO,
                    "user",
                    "msg/s",
                    RATIO,
                    "p50 us",
                    "p99 us",
                    "p99.9 us",
                    RATIO,
                    "B/msg",
                    "RSS MB",
                    "busy",
                    "load");

    private final StringBuilder text = new StringBuilder();

    private Table() {}

    /** Formats one scenario. Each line ends with a line feed. */
    static String of(Outcome outcome) {
        Table table = new Table();
        table.text.append(outcome.scenario().title());
        String ratio = RATIO + outcome.base();
        table.text.append(" (").append(ratio).append(": ratio of the previous column to that of ");
        table.text.append(outcome.base()).append(", min..max)\n");
        List<List<String>> rows = new ArrayList<>();
        List<String> header = new ArrayList<>(HEADER);
        header.replaceAll(column -> column.equals(RATIO) ? ratio : column);
        boolean idle = outcome.scenario().idle() > 0;
        if (idle) {
            header.addAll(List.of("RSS B/idle", "heap B/idle"));
        }
        boolean datagrams = outcome.scenario().transport() == Transport.UDP;
        if (datagrams) {
            header.add("lost");
        }
        rows.add(header);
        for (Outcome.Entry entry : outcome.entries()) {
            List<String> row = row(entry, outcome.baseRounds());
            if (idle) {
                addIdle(row, entry);
            }
            if (datagrams) {
                row.add(number("%,d", entry.rounds().stream().mapToLong(Round::lost).sum()));
            }
            rows.add(row);
        }
        table.append(rows);
        return table.text.toString();
    }

    private static List<String> row(Outcome.Entry entry, List<Round> base) {
        List<Round> rounds = entry.rounds();
        List<String> row = new ArrayList<>();
        row.add(entry.server().toString());
        row.add(number("%.2f", Spread.of(rounds, Round::cpuNanosPerMessage).median() / 1e3));
        row.add(Spread.ofRatios(rounds, base, Round::cpuNanosPerMessage).toString());
        row.add(number("%.0f%%", Spread.of(rounds, Round::userShare).median() * 100));
        row.add(number("%,.0f", Spread.of(rounds, Round::messagesPerSecond).median()));
        row.add(Spread.ofRatios(rounds, base, Round::messagesPerSecond).toString());
        row.add(number("%.0f", Spread.of(rounds, Round::p50Nanos).median() / 1e3));
        row.add(number("%.0f", Spread.of(rounds, Round::p99Nanos).median() / 1e3));
        row.add(number("%.0f", Spread.of(rounds, Round::p999Nanos).median() / 1e3));
        row.add(Spread.ofRatios(rounds, base, Round::p999Nanos).toString());
        row.add(allocated(rounds));
        row.add(number("%.0f", Spread.of(rounds, Round::residentBytes).median() / 1e6));
        row.add(number("%.0f%%", Spread.of(rounds, Round::serverBusy).median() * 100));
        row.add(number("%.0f%%", Spread.of(rounds, Round::loadBusy).median() * 100));
        return row;
    }

    private static String allocated(List<Round> rounds) {
        Double median = allocatedPerMessage(rounds);
        return median == null ? "-" : number("%.2f", median);
    }

    /** Returns the median of the bytes allocated per message; null for a C program. */
    static @Nullable Double allocatedPerMessage(List<Round> rounds) {
        double[] bytes =
                rounds.stream()
                        .map(Round::allocatedPerMessage)
                        .filter(each -> each != null)
                        .mapToDouble(Double::doubleValue)
                        .toArray();
        return bytes.length == 0 ? null : Spread.of(bytes).median();
    }

    private static void addIdle(List<String> row, Outcome.Entry entry) {
        Outcome.IdleMemory memory = entry.idle();
        row.add(memory == null ? "-" : number("%.0f", memory.residentBytes()));
        Double heap = memory == null ? null : memory.heapBytes();
        row.add(heap == null ? "-" : number("%.0f", heap));
    }

    private static String number(String format, Number value) {
        return String.format(Locale.ROOT, format, value);
    }

    /** Aligns the first column left and the others right. */
    private void append(List<List<String>> rows) {
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            text.append(padded(row.get(0), -widths[0]));
            for (int i = 1; i < widths.length; i++) {
                text.append("  ").append(padded(row.get(i), widths[i]));
            }
            text.append('\n');
        }
    }

    private static String padded(String cell, int width) {
        return String.format(Locale.ROOT, "%" + width + "s", cell);
    }
}
