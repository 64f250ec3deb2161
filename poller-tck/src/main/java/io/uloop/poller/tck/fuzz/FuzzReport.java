package io.uloop.poller.tck.fuzz;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a run of {@link ContractFuzzer} has done without finding anything wrong.
 *
 * @param seed what the sequences were made from
 * @param sequences how many there were; each backend ran all
 * @param backends what each backend did
 * @param differences how often two backends differed where the contract lets them, by event bit or
 *     by pair of outcomes
 */
public record FuzzReport(
        long seed, long sequences, List<BackendCount> backends, Map<String, Long> differences) {
    /**
     * What one backend did.
     *
     * @param name the provider's name
     * @param operations steps taken, those inside sinks included
     * @param polls polls among them
     * @param events events delivered by the polls
     */
    public record BackendCount(String name, long operations, long polls, long events) {
        /** One line. */
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

    /** One line. */
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
