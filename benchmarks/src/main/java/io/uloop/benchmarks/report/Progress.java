package io.uloop.benchmarks.report;

/** Receives the progress of a study. Thread-safe. */
@FunctionalInterface
public interface Progress {
    /**
     * Reports what runs now.
     *
     * @param done the fraction of the study that is complete, from 0 to 1
     * @param step what runs, in a few words, as in {@code netty-epoll, round 2 of 5}
     */
    void report(double done, String step);

    /** Writes a line to the log beside the results. */
    default void log(String line) {}
}
