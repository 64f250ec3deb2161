package io.uloop.benchmarks.turn;

import java.io.IOException;

/**
 * Repeats one operation. Each contender is a class with its own loop, so that the compiler sees
 * only its calls there. Not thread-safe.
 */
interface Contender extends AutoCloseable {
    /**
     * Repeats the operation.
     *
     * @param times how often
     * @return how many operations succeeded, which must be as many
     * @throws IOException if a call fails
     */
    long run(int times) throws IOException;

    /** Closes what the contender has opened. */
    @Override
    default void close() throws IOException {}
}
