package io.uloop.poller.tck.fuzz;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A report of a run of {@link ContractFuzzer} that found no violation.
 *
 * @param seed the seed of the sequences
 * @param sequences the number of sequences, which every backend ran
 * @param backends the counts of each backend
 * @param differences how often two backends differed as the contract allows, by event bit or by
 *     pair of outcomes
 * @since 0.1
 */
public record FuzzReport(
        long seed, long sequences, List<BackendCount> backends, Map<String, Long> differences) {
    /**
     * The counts of one backend.
     *
     * @param name the provider's name
     * @param operations the number of steps, including those in sinks
     * @param polls the number of polls among them
     * @param events the number of events delivered
     */
    public record BackendCount(String name, long operations, long polls, long events) {
        /** {@return the report as one line} */
        @Override
        public String toString() {
            return name
                    + " "
                    + operations
                    + " operations, "
                    + polls
                    + " polls, "
                    + events
                    + " events";
        }
    }

    /** {@return the report as one line} */
    @Override
    public String toString() {
        return backends.stream().map(BackendCount::name).collect(Collectors.joining("+"))
                + ": seed "
                + seed
                + ", "
                + sequences
                + " sequences; "
                + backends.stream().map(BackendCount::toString).collect(Collectors.joining("; "))
                + "; allowed differences "
                + differences;
    }
}
