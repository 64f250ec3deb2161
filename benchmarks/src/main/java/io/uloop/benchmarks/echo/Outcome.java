package io.uloop.benchmarks.echo;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All rounds of a scenario.
 *
 * @param base the server that the ratios are to
 */
record Outcome(Scenario scenario, Contender base, List<Entry> entries) {
    /**
     * One server's part.
     *
     * @param idle what an idle connection takes; null if there were none
     */
    record Entry(Contender server, List<Round> rounds, @Nullable IdleMemory idle) {}

    /**
     * Memory per idle connection of the server's process; the kernel's is not in it.
     *
     * @param residentBytes of RSS
     * @param heapBytes that live on the heap; null of a program in C
     */
    record IdleMemory(double residentBytes, @Nullable Double heapBytes) {}

    /** The rounds that the others are compared with. */
    List<Round> baseRounds() {
        for (Entry entry : entries) {
            if (entry.server() == base) {
                return entry.rounds();
            }
        }
        throw new IllegalStateException(base + " has not run");
    }
}
