package io.uloop.poller.tck.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Shrinks a script that fails. Removes chunks of steps, halving their size down to single steps.
 * Then removes pairs of steps, such as an open and its close, and simplifies reactions and
 * operands. Repeats until nothing more can be removed.
 */
final class Shrinker {
    /** The number of steps up to which all pairs are tried. */
    private static final int FEW_STEPS = 30;

    private final Predicate<Script> fails;
    private final long deadlineNanos;
    private int runsLeft;

    private Shrinker(Predicate<Script> fails, int maxRuns, long deadlineNanos) {
        this.fails = fails;
        this.deadlineNanos = deadlineNanos;
        this.runsLeft = maxRuns;
    }

    /**
     * Searches for a shorter script that fails in the same way.
     *
     * @param script a script that fails
     * @param fails runs a script and returns whether it fails in the same way
     * @param maxRuns the maximum number of runs
     * @param deadlineNanos the {@link System#nanoTime} at which to stop
     * @return a script that fails, with descriptors numbered from 0
     */
    static Script shrink(Script script, Predicate<Script> fails, int maxRuns, long deadlineNanos) {
        Shrinker shrinker = new Shrinker(fails, maxRuns, deadlineNanos);
        Script current = script;
        for (; ; ) {
            Script smaller =
                    shrinker.simplify(shrinker.deletePairs(shrinker.deleteChunks(current)));
            if (smaller.equals(current)) {
                Script renumbered = current.renumbered();
                return shrinker.stillFails(renumbered) ? renumbered : current;
            }
            current = smaller;
        }
    }

    private boolean stillFails(Script candidate) {
        return runsLeft-- > 0 && System.nanoTime() - deadlineNanos < 0 && fails.test(candidate);
    }

    private Script deleteChunks(Script script) {
        Script current = script;
        for (int chunk = Math.max(1, current.steps().size() / 2); chunk > 0; chunk /= 2) {
            int from = 0;
            while (from < current.steps().size()) {
                Script shorter = without(current, from, from + chunk);
                if (stillFails(shorter)) {
                    current = shorter;
                } else {
                    from += chunk;
                }
            }
        }
        return current;
    }

    private Script deletePairs(Script script) {
        Script current = script;
        for (int i = 0; i < current.steps().size(); i++) {
            for (int j = i + 1; j < current.steps().size(); j++) {
                if (current.steps().size() > FEW_STEPS) {
                    return current;
                }
                Script shorter = without(without(current, j, j + 1), i, i + 1);
                if (stillFails(shorter)) {
                    current = shorter;
                    j = i;
                }
            }
        }
        return current;
    }

    private static Script without(Script script, int from, int to) {
        List<Step> steps = new ArrayList<>(script.steps());
        steps.subList(from, Math.min(to, steps.size())).clear();
        return new Script(steps);
    }

    private Script simplify(Script script) {
        Script current = script;
        for (int i = 0; i < current.steps().size(); i++) {
            for (Script simpler = simplified(current, i); simpler != null; ) {
                current = simpler;
                simpler = simplified(current, i);
            }
        }
        return current;
    }

    /** Returns the script with a simpler step, or null if no simpler one still fails. */
    private @Nullable Script simplified(Script script, int index) {
        Step step = script.steps().get(index);
        List<List<Step>> replacements = new ArrayList<>();
        for (Step simpler : simplerThan(step)) {
            replacements.add(List.of(simpler));
        }
        for (int i = 0;
                i < step.reactions().size();
                i++) { // prefer a step before the poll to one in it
            List<Reaction> others = new ArrayList<>(step.reactions());
            Step reaction = others.remove(i).step();
            replacements.add(List.of(reaction, step.withReactions(others)));
            if (reaction.target() == Step.SELF) {
                for (int name : script.names()) {
                    replacements.add(List.of(reaction.on(name), step.withReactions(others)));
                }
            }
        }
        for (List<Step> replacement : replacements) {
            List<Step> steps = new ArrayList<>(script.steps());
            steps.remove(index);
            steps.addAll(index, replacement);
            Script candidate = new Script(steps);
            if (stillFails(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    private static List<Step> simplerThan(Step step) {
        List<Step> simpler = new ArrayList<>();
        for (Verb.Operand operand : step.verb().operands) {
            switch (operand) {
                case KIND -> {
                    for (Kind kind : Kind.values()) {
                        if (kind.compareTo(step.kind()) < 0
                                && kind.descriptors <= step.kind().descriptors) {
                            simpler.add(step.withKind(kind));
                        }
                    }
                }
                case NUMBER -> {
                    int least = step.verb() == Verb.POLL ? 0 : 1;
                    if (step.operand() > least) {
                        simpler.add(step.withOperand(least));
                    }
                }
                case EVENTS -> {
                    for (int bits = step.operand(); bits != 0; bits &= bits - 1) {
                        simpler.add(step.withOperand(step.operand() & ~Integer.lowestOneBit(bits)));
                    }
                }
                case TARGET, OTHER -> {} // names are kept
            }
        }
        addSimplerReactions(step, simpler);
        return simpler;
    }

    private static void addSimplerReactions(Step step, List<Step> simpler) {
        for (int i = 0; i < step.reactions().size(); i++) {
            List<Reaction> fewer = new ArrayList<>(step.reactions());
            Reaction reaction = fewer.remove(i);
            simpler.add(step.withReactions(fewer));
            if (reaction.event() > 1) {
                fewer.add(i, new Reaction(1, reaction.step()));
                simpler.add(step.withReactions(fewer));
            }
            for (Step inner : simplerThan(reaction.step())) {
                List<Reaction> changed = new ArrayList<>(step.reactions());
                changed.set(i, new Reaction(reaction.event(), inner));
                simpler.add(step.withReactions(changed));
            }
        }
    }
}
