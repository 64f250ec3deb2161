package io.uloop.benchmarks.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One chart of an answer. A numeric parameter that is not on the axis makes a panel for each of its
 * values. The other parameters become part of the labels.
 *
 * @param question the question
 * @param id the name of the chart's file
 * @param parameters the parameters that this panel is about, as in {@code pending 1,000}; often
 *     empty
 * @param series the bars or lines, best first
 */
record Panel(Question question, String id, String parameters, List<Series> series) {
    /** Splits an answer. An answer without rows has no panels. */
    static List<Panel> of(Answer answer) {
        Question question = answer.question();
        Map<Map<String, String>, List<Row>> groups =
                new TreeMap<>(Comparator.comparing(Panel::sortKey));
        for (Row row : answer.rows()) {
            groups.computeIfAbsent(fixed(question, row), key -> new ArrayList<>()).add(row);
        }
        List<Panel> panels = new ArrayList<>();
        groups.forEach((fixed, rows) -> panels.add(panel(question, fixed, rows)));
        return panels;
    }

    private static Panel panel(Question question, Map<String, String> fixed, List<Row> rows) {
        StringBuilder id = new StringBuilder(question.id());
        StringBuilder text = new StringBuilder();
        fixed.forEach(
                (key, value) -> {
                    id.append('-').append(key).append('-').append(value);
                    text.append(text.isEmpty() ? "" : ", ");
                    text.append(key).append(' ').append(Numbers.parameter(value));
                });
        Map<String, List<Row>> byLabel = new LinkedHashMap<>();
        for (Row row : rows) {
            byLabel.computeIfAbsent(label(question, row), key -> new ArrayList<>()).add(row);
        }
        List<Series> series = new ArrayList<>();
        byLabel.forEach(
                (label, points) -> {
                    points.sort(Comparator.comparingLong(row -> position(question, row)));
                    series.add(new Series(label, List.copyOf(points)));
                });
        Comparator<Series> order = Comparator.comparingDouble(each -> each.last().score());
        series.sort(question.lessIsBetter() ? order : order.reversed());
        return new Panel(question, id.toString(), text.toString(), series);
    }

    /** Returns the values on the axis, in ascending order. */
    SortedSet<Long> positions() {
        SortedSet<Long> positions = new TreeSet<>();
        for (Series each : series) {
            each.rows().forEach(row -> positions.add(position(question, row)));
        }
        return positions;
    }

    /** Returns the value of a row on the axis, or 0 if there is no axis. */
    static long position(Question question, Row row) {
        String axis = question.axis();
        String value = axis == null ? null : row.parameters().get(axis);
        return value == null ? 0 : Long.parseLong(value);
    }

    /** Returns the title of the chart. */
    String title() {
        return parameters.isEmpty() ? question.title() : question.title() + " (" + parameters + ")";
    }

    /** Returns the unit and which scores are better. */
    String unit() {
        return question.unit()
                + (question.lessIsBetter() ? ", less is better" : ", more is better");
    }

    private static boolean isPanel(Question question, Map.Entry<String, String> parameter) {
        return !parameter.getKey().equals(question.axis())
                && Numbers.isNumber(parameter.getValue());
    }

    private static Map<String, String> fixed(Question question, Row row) {
        Map<String, String> fixed = new TreeMap<>();
        for (Map.Entry<String, String> parameter : row.parameters().entrySet()) {
            if (isPanel(question, parameter)) {
                fixed.put(parameter.getKey(), parameter.getValue());
            }
        }
        return fixed;
    }

    private static String label(Question question, Row row) {
        StringBuilder label = new StringBuilder(row.contender());
        for (Map.Entry<String, String> parameter : row.parameters().entrySet()) {
            if (!parameter.getKey().equals(question.axis()) && !isPanel(question, parameter)) {
                label.append(' ').append(parameter.getValue());
            }
        }
        return label.toString();
    }

    /** Returns a text that sorts as the numbers do. */
    private static String sortKey(Map<String, String> fixed) {
        StringBuilder text = new StringBuilder();
        fixed.forEach(
                (key, value) ->
                        text.append(key)
                                .append(' ')
                                .append("0".repeat(18 - value.length()))
                                .append(value)
                                .append(' '));
        return text.toString();
    }
}
