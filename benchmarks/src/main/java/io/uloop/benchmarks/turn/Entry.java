package io.uloop.benchmarks.turn;

import io.uloop.benchmarks.report.Question;

/**
 * A contender of one question.
 *
 * @param question the question that it helps to answer
 * @param name whose code it is: {@code c}, {@code jdk-consumer}, or a backend
 * @param call what it repeats
 * @param operations how many operations one repetition counts as
 * @param contender the code
 */
record Entry(Question question, String name, String call, int operations, Contender contender) {
    @Override
    public String toString() {
        return name + " " + call;
    }
}
