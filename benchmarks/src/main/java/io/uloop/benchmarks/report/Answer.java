package io.uloop.benchmarks.report;

import java.util.List;

/**
 * The rows that answer a question.
 *
 * @param question the question
 * @param rows the figures, in the order in which they were measured
 * @param notes what a reader must know, as in {@code netty-io_uring: not available on this kernel};
 *     often empty
 */
public record Answer(Question question, List<Row> rows, List<String> notes) {
    /** Copies the lists. */
    public Answer {
        rows = List.copyOf(rows);
        notes = List.copyOf(notes);
    }

    /** Creates an answer without notes. */
    public Answer(Question question, List<Row> rows) {
        this(question, rows, List.of());
    }
}
