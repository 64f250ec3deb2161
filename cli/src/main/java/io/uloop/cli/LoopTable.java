package io.uloop.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Formats loops as a table of 80 columns or less. */
final class LoopTable {
    private static final int NAME_WIDTH = 20;
    private static final String ROW = "%-" + NAME_WIDTH + "s %7s %8s %4s %6s %5s %5s %6s %5s %4s";
    private static final double THOUSAND = 1e3;
    private static final double MILLION = 1e6;
    private static final double BILLION = 1e9;

    private LoopTable() {}

    /** {@return a header and a line for each loop} */
    static List<String> lines(List<LoopRow> rows) {
        List<String> lines = new ArrayList<>();
        lines.add(
                String.format(
                        Locale.ROOT,
                        ROW,
                        "LOOP",
                        "TURNS/S",
                        "EVENTS/S",
                        "LOAD",
                        "P99",
                        "FDS",
                        "CONNS",
                        "TIMERS",
                        "TASKS",
                        "SLOW"));
        rows.forEach(row -> lines.add(line(row)));
        return lines;
    }

    private static String line(LoopRow row) {
        return String.format(
                Locale.ROOT,
                ROW,
                shortened(Text.harmless(row.name())),
                count(row.turnsPerSecond()),
                count(row.eventsPerSecond()),
                Math.round(row.load() * 100) + "%",
                time(row.turnNanosP99()),
                count((double) row.descriptors()),
                count((double) row.connections()),
                count((double) row.timers()),
                count((double) row.tasks()),
                count((double) row.slowCallbacks()));
    }

    private static String shortened(String name) {
        return name.codePointCount(0, name.length()) <= NAME_WIDTH
                ? name
                : name.substring(0, name.offsetByCodePoints(0, NAME_WIDTH - 2)) + "..";
    }

    /** Formats a count in at most five characters, such as 9999, 12.3k or 1.2M. */
    static String count(double value) {
        if (value < 10 * THOUSAND) {
            return Long.toString(Math.round(value));
        }
        if (value < MILLION) {
            return scaled(value / THOUSAND, "k");
        }
        return value < BILLION ? scaled(value / MILLION, "M") : scaled(value / BILLION, "G");
    }

    /** Formats a time in at most six characters, such as 123ns, 12.3us or 1.2s. */
    static String time(long nanos) {
        if (nanos < THOUSAND) {
            return nanos + "ns";
        }
        if (nanos < TimeUnit.MILLISECONDS.toNanos(1)) {
            return scaled(nanos / THOUSAND, "us");
        }
        return nanos < TimeUnit.SECONDS.toNanos(1)
                ? scaled(nanos / MILLION, "ms")
                : scaled(nanos / BILLION, "s");
    }

    private static String scaled(double value, String unit) {
        return String.format(Locale.ROOT, value < 99.95 ? "%.1f" : "%.0f", value) + unit;
    }
}
