package io.uloop.benchmarks.report;

import org.jspecify.annotations.Nullable;

/**
 * A question that a chart answers.
 *
 * @param id the key in the results and the name of the chart's file: lower-case letters, digits and
 *     hyphens
 * @param title the title of the chart
 * @param sentence the question in one sentence, as in "What does a poll cost if one descriptor
 *     among many idle ones is ready?"
 * @param unit the unit of the scores, as in {@code ns per event}
 * @param lessIsBetter whether a lower score is better
 * @param axis the numeric parameter on the horizontal axis of a line chart, or null for bars
 * @param axisTitle what the axis shows, as in {@code registered descriptors}, or null for bars
 */
public record Question(
        String id,
        String title,
        String sentence,
        String unit,
        boolean lessIsBetter,
        @Nullable String axis,
        @Nullable String axisTitle) {
    /** Checks the id, which becomes a file name. */
    public Question {
        if (!id.matches("[a-z0-9]+(-[a-z0-9]+)*")) {
            throw new IllegalArgumentException(
                    "'" + id + "' is no id; use lower-case letters, digits and hyphens");
        }
        if ((axis == null) != (axisTitle == null)) {
            throw new IllegalArgumentException("an axis needs a title, and bars have neither");
        }
    }

    /** Returns a question that bars answer, where a lower score is better. */
    public static Question bars(String id, String title, String sentence, String unit) {
        return new Question(id, title, sentence, unit, true, null, null);
    }

    /**
     * Returns a question that lines answer, one per contender, where a lower score is better.
     *
     * @param axis the numeric parameter on the horizontal axis
     * @param axisTitle what the axis shows
     */
    public static Question lines(
            String id, String title, String sentence, String unit, String axis, String axisTitle) {
        return new Question(id, title, sentence, unit, true, axis, axisTitle);
    }

    /** Returns the same question with scores of which a higher one is better. */
    public Question moreIsBetter() {
        return new Question(id, title, sentence, unit, false, axis, axisTitle);
    }
}
