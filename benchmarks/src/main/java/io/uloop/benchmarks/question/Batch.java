package io.uloop.benchmarks.question;

import java.io.IOException;

/** The work of one invocation of a benchmark. Not thread-safe: call from the benchmark's thread. */
@FunctionalInterface
interface Batch extends AutoCloseable {
    /** Does the work and returns how many operations it was. */
    int run() throws Exception;

    @Override
    default void close() throws IOException {}
}
