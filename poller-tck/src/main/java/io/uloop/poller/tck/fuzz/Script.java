package io.uloop.poller.tck.fuzz;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A sequence of steps.
 *
 * @param steps the steps, in order
 */
record Script(List<Step> steps) {
    Script {
        steps = List.copyOf(steps);
    }

    /** Returns the number of steps, including those in sinks. */
    int size() {
        return steps.stream().mapToInt(step -> 1 + step.reactions().size()).sum();
    }

    /** Returns the names of the descriptors, in order of first use. */
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

    /** Returns the same script with descriptors renumbered in order of first use. */
    Script renumbered() {
        List<Integer> names = List.copyOf(names());
        return new Script(steps.stream().map(step -> step.renamed(names::indexOf)).toList());
    }

    /** Parses the output of {@link #toString}. Empty lines are skipped. */
    static Script parse(String text) {
        return new Script(
                text.lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .map(Step::parse)
                        .toList());
    }

    /** Returns the steps, one per line. */
    @Override
    public String toString() {
        return steps.stream().map(Step::toString).collect(Collectors.joining("\n"));
    }
}
