package io.uloop.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The cells of a panel's table. A line chart has a column per value of the axis. Bars have the
 * score and its ratio to the best.
 *
 * @param header the names of the columns
 * @param lines a line per series
 */
record Cells(List<String> header, List<List<String>> lines) {
    static Cells of(Panel panel) {
        boolean bytes = panel.series().stream().anyMatch(each -> each.bytes() != null);
        List<String> header = new ArrayList<>();
        if (panel.question().axis() == null) {
            header.addAll(List.of("", panel.question().unit(), "x best"));
        } else {
            header.add(panel.question().axisTitle());
            panel.positions().forEach(each -> header.add(Numbers.parameter(each.toString())));
        }
        if (bytes) {
            header.add("B/op");
        }
        List<List<String>> lines = new ArrayList<>();
        for (Series series : panel.series()) {
            List<String> line = new ArrayList<>();
            line.add(series.label());
            line.addAll(scores(panel, series));
            if (bytes) {
                Double allocated = series.bytes();
                line.add(allocated == null ? "-" : Numbers.bytes(allocated));
            }
            lines.add(line);
        }
        return new Cells(header, lines);
    }

    private static List<String> scores(Panel panel, Series series) {
        if (panel.question().axis() == null) {
            double score = series.last().score();
            double best = panel.series().get(0).last().score();
            boolean less = panel.question().lessIsBetter();
            return List.of(score(series.last()), less ? ratio(score, best) : ratio(best, score));
        }
        List<String> cells = new ArrayList<>();
        for (Long position : panel.positions()) {
            cells.add(
                    series.rows().stream()
                            .filter(row -> Panel.position(panel.question(), row) == position)
                            .findFirst()
                            .map(Cells::score)
                            .orElse("-"));
        }
        return cells;
    }

    /** Formats a ratio. A score of 0 has none. */
    private static String ratio(double score, double base) {
        return base == 0 ? "-" : String.format(Locale.ROOT, "%.2f", score / base);
    }

    /** Formats a score with its error, as in {@code 612 ±3 %}. */
    private static String score(Row row) {
        long percent = row.score() == 0 ? 0 : Math.round(100 * row.error() / row.score());
        return Numbers.score(row.score()) + " ±" + String.format(Locale.ROOT, "%2d", percent) + "%";
    }
}
