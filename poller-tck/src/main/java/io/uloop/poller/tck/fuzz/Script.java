package io.uloop.poller.tck.fuzz;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Steps in order.
 *
 * @param steps what to do
 */
record Script(List<Step> steps) {
    Script {
        steps = List.copyOf(steps);
    }

    /** Counts the steps, those inside sinks included. */
    int size() {
        return steps.stream().mapToInt(step -> 1 + step.reactions().size()).sum();
    }

    /** The names of the descriptors, in the order of their first mention. */
    Set<Integer> names() {
        Set<Integer> names = new LinkedHashSet<>();
        for (Step step : steps) {
            step.renamed(
                    name -> {
                        names.add(name);
                        return name;
                    });
        }
        return names;
    }

    /** The same script with its descriptors numbered in the order of their first mention. */
    Script renumbered() {
        List<Integer> names = List.copyOf(names());
        return new Script(steps.stream().map(step -> step.renamed(names::indexOf)).toList());
    }

    /** Reads what {@link #toString} writes; empty lines are skipped. */
    static Script parse(String text) {
        return new Script(
                text.lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .map(Step::parse)
                        .toList());
    }

    /** One step a line. */
    @Override
    public String toString() {
        return steps.stream().map(Step::toString).collect(Collectors.joining("\n"));
    }
}
