package io.uloop.benchmarks.echo;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The results of a scenario.
 *
 * @param base the server that ratios refer to
 */
record Outcome(Scenario scenario, Contender base, List<Entry> entries) {
    /**
     * The results of one server.
     *
     * @param idle memory per idle connection; null without idle connections
     */
    record Entry(Contender server, List<Round> rounds, @Nullable IdleMemory idle) {}

    /**
     * Memory of the server's process per idle connection, without the kernel's memory.
     *
     * @param residentBytes resident memory (RSS)
     * @param heapBytes live bytes on the heap; null for a C program
     */
    record IdleMemory(double residentBytes, @Nullable Double heapBytes) {}

    /** {@return the rounds of the base server} */
    List<Round> baseRounds() {
        for (Entry entry : entries) {
            if (entry.server() == base) {
                return entry.rounds();
            }
        }
        throw new IllegalStateException(base + " did not run");
    }
}
