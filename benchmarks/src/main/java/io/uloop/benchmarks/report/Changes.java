package io.uloop.benchmarks.report;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The changes between two runs. A score has changed by more than noise if the error bars of both
 * runs do not overlap and the scores differ by at least {@value #LEAST_PERCENT} %. Allocations have
 * changed if they differ by at least {@value #LEAST_BYTES} B per operation.
 */
final class Changes {
    /** Smaller differences come from the layout of code and memory, which differs in each fork. */
    static final int LEAST_PERCENT = 3;

    private static final int LEAST_BYTES = 1;

    private final Map<Key, Row> before = new HashMap<>();
    private final Set<Key> found = new HashSet<>();
    private final StringBuilder text = new StringBuilder();
    private int same;
    private int added;

    /** What a row is about. */
    private record Key(String question, String contender, Map<String, String> parameters) {
        static Key of(Question question, Row row) {
            return new Key(question.id(), row.contender(), row.parameters());
        }
    }

    private Changes(Results results) {
        for (Answer answer : results.answers()) {
            answer.rows().forEach(row -> before.put(Key.of(answer.question(), row), row));
        }
    }

    /** Returns a report for a terminal. */
    static String of(Results before, Results after) {
        Changes changes = new Changes(before);
        changes.environments(before.machine(), after.machine());
        after.answers().forEach(changes::compare);
        changes.summary();
        return changes.text.toString();
    }

    private void environments(Machine earlier, Machine later) {
        environment("processors", earlier.processors(), later.processors());
        environment("CPU", earlier.cpu(), later.cpu());
        environment("kernel", earlier.kernel(), later.kernel());
        environment("JDK", earlier.jdk(), later.jdk());
        environment("flags", earlier.flags(), later.flags());
        environment("commit", earlier.commit(), later.commit());
        text.append(text.isEmpty() ? "" : "\n");
    }

    private void environment(String name, Object earlier, Object later) {
        if (!earlier.equals(later)) {
            text.append(name + ": '" + earlier + "' before, '" + later + "' after\n");
        }
    }

    private void compare(Answer answer) {
        Question question = answer.question();
        TextTable table = new TextTable();
        table.add(List.of("", "before", "after", "change", ""));
        boolean changed = false;
        for (Panel panel : Panel.of(answer)) {
            for (Series series : panel.series()) {
                for (Row row : series.rows()) {
                    changed |= compare(question, row, table);
                }
            }
        }
        if (changed) {
            text.append(question.title()).append(": ").append(question.unit()).append('\n');
            text.append(table).append('\n');
        }
    }

    private boolean compare(Question question, Row row, TextTable table) {
        Key key = Key.of(question, row);
        Row earlier = before.get(key);
        if (earlier == null) {
            added++;
            return false;
        }
        found.add(key);
        if (!scoreChanged(earlier, row) && !bytesChanged(earlier, row)) {
            same++;
            return false;
        }
        table.add(
                List.of(
                        name(row),
                        Numbers.score(earlier.score()),
                        Numbers.score(row.score()),
                        Numbers.change(earlier.score(), row.score()),
                        verdict(question, earlier, row)));
        return true;
    }

    /** Returns whether scores differ by more than noise. */
    static boolean scoreChanged(Row before, Row after) {
        boolean apart = before.high() < after.low() || after.high() < before.low();
        double difference = Math.abs(after.score() - before.score());
        return apart && difference * 100 >= before.score() * LEAST_PERCENT;
    }

    private static boolean bytesChanged(Row before, Row after) {
        return Math.abs(bytes(before, after) - bytes(after, before)) >= LEAST_BYTES;
    }

    /** Returns the bytes of a row, or 0 unless both rows have them. */
    private static double bytes(Row row, Row other) {
        Double bytes = row.bytesPerOperation();
        return bytes == null || other.bytesPerOperation() == null ? 0 : bytes;
    }

    private static String name(Row row) {
        StringBuilder name = new StringBuilder(row.contender());
        row.parameters()
                .forEach((key, value) -> name.append(", " + key + " " + Numbers.parameter(value)));
        return name.toString();
    }

    private static String verdict(Question question, Row before, Row after) {
        String verdict = "";
        if (scoreChanged(before, after)) {
            boolean less = after.score() < before.score();
            verdict = less == question.lessIsBetter() ? "better" : "worse";
        }
        if (bytesChanged(before, after)) {
            verdict += verdict.isEmpty() ? "" : ", ";
            verdict += Numbers.bytes(bytes(before, after)) + " B/op before, ";
            verdict += Numbers.bytes(bytes(after, before)) + " after";
        }
        return verdict;
    }

    private void summary() {
        int lonely = added + before.size() - found.size();
        text.append("Figures that changed by no more than noise: " + same + ".");
        text.append(lonely == 0 ? "\n" : " In only one of the runs: " + lonely + ".\n");
        text.append("More than noise: the error bars of both runs do not overlap, and the scores");
        text.append(" differ by " + LEAST_PERCENT + " % or more.\n");
    }
}
