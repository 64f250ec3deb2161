package io.uloop.benchmarks.report;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/** Something to measure, chosen by a word of the command line. It answers one or more questions. */
public interface Study {
    /** Returns the word of the command line, as in {@code poll}. */
    String name();

    /** Returns one line for {@code --list}, as in "Cost of a poll by ready descriptors". */
    String summary();

    /**
     * Returns whether {@code uloop bench} without arguments runs it. Studies that compare whole
     * processes run only when named, or with {@code --full}.
     */
    boolean runsByDefault();

    /** Returns about how long it runs. */
    Duration expected(Effort effort);

    /**
     * Measures. A study may pass an answer to the sink as often as it has more rows. A later answer
     * replaces an earlier one to the same question. If the user stops the run, the thread is
     * interrupted and what the sink has received is kept.
     *
     * @param progress receives each step
     * @param sink receives the answers
     * @throws IOException if it cannot be measured here; the message says why and what to do
     * @throws InterruptedException if the thread is interrupted
     */
    void run(Effort effort, Progress progress, Consumer<Answer> sink)
            throws IOException, InterruptedException;
}
