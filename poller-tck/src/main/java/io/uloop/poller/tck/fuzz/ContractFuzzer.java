package io.uloop.poller.tck.fuzz;

import io.uloop.poller.PollerProvider;
import io.uloop.poller.Pollers;
import io.uloop.poller.UEvent;
import io.uloop.poller.tck.OpenDescriptors;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs random sequences of operations on descriptors and pollers, and compares every backend with a
 * model of the contract, step by step. A sequence that violates the contract is shrunk. The message
 * of the error contains the shortest sequence found, ready to paste into a test.
 *
 * <p>A seed gives the same sequences on every machine with the same kinds of files. A sequence
 * waits for effects, not for time to pass. It uses loopback only and leaves nothing open.
 *
 * <pre>{@code java io.uloop.poller.tck.fuzz.ContractFuzzer OPERATIONS [SEED [BACKENDS]]}</pre>
 *
 * <p>This runs every pair of the backends, for example of {@code epoll,poll,select}. The default is
 * all usable backends.
 *
 * @since 0.1
 */
public final class ContractFuzzer {
    private static final int SHRINKING_RUNS = 3000;
    private static final long SHRINKING_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long LONG_WHEN_REPEATED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int REPEATS_OF_FAILURE = 5;

    /** The number of sequences after which the JDK has opened all descriptors that it keeps. */
    private static final int SEQUENCES_TO_WARM_UP = 20;

    /** NIO closes a channel's descriptor only in the next select of its selector. */
    private static final Duration LEAK_PATIENCE = Duration.ofSeconds(10);

    private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final List<Subject> subjects = new ArrayList<>();
    private final List<Tally> tallies = new ArrayList<>();
    private final Map<String, Long> differences = new TreeMap<>();
    private final long seed;
    private final Set<Kind> kinds = EnumSet.allOf(Kind.class);
    private boolean hasDup = true;
    private int modes = UEvent.MODES;
    private long sequences;

    private final Duration leakPatience;

    private ContractFuzzer(long seed, Duration leakPatience) {
        this.seed = seed;
        this.leakPatience = leakPatience;
    }

    /**
     * Runs random sequences on every backend, on the calling thread. Another thread sometimes calls
     * wakeup.
     *
     * @param backends the backends to compare, all usable here; only features common to all are
     *     used
     * @param seed the seed of the sequences
     * @param operations the minimum number of steps for each backend
     * @return a report of the run
     * @throws AssertionError if a backend violates the contract, or leaves descriptors open
     * @throws IOException if the fuzzer cannot open the descriptors that it needs
     */
    public static FuzzReport run(List<PollerProvider> backends, long seed, long operations)
            throws IOException {
        return run(backends, seed, operations, LEAK_PATIENCE, progress -> {});
    }

    static FuzzReport run(
            List<PollerProvider> backends,
            long seed,
            long operations,
            Duration leakPatience,
            Consumer<String> progress)
            throws IOException {
        ContractFuzzer fuzzer = new ContractFuzzer(seed, leakPatience);
        try {
            for (PollerProvider backend : backends) {
                fuzzer.take(backend);
            }
            fuzzer.runSequences(operations, progress);
            return fuzzer.report();
        } finally {
            for (Subject subject : fuzzer.subjects) {
                subject.close();
            }
        }
    }

    /**
     * Runs one sequence, as printed by an error of {@link #run}.
     *
     * @param backend the backend to run it on, usable here
     * @param sequence the steps, one per line
     * @throws AssertionError if the backend violates the contract
     * @throws IllegalArgumentException if the text is not a sequence
     * @throws IOException if the fuzzer cannot open the descriptors that it needs
     */
    public static void replay(PollerProvider backend, String sequence) throws IOException {
        Script script = Script.parse(sequence);
        try (Subject subject = new Subject(backend)) {
            ScriptRun.run(subject, script, new Tally());
        }
    }

    private void take(PollerProvider backend) throws IOException {
        Subject subject = new Subject(backend);
        subjects.add(subject);
        tallies.add(new Tally());
        kinds.retainAll(subject.kinds);
        hasDup &= subject.hasDup;
        modes &= backend.supportedEvents();
    }

    private void runSequences(long operations, Consumer<String> progress) {
        SplittableRandom seeds = new SplittableRandom(seed);
        SortedMap<Integer, String> openBefore = new TreeMap<>();
        long progressAt = System.nanoTime() + PROGRESS_NANOS;
        while (tallies.stream().anyMatch(tally -> tally.operations < operations)) {
            runOne(ScriptGenerator.generate(seeds.nextLong(), kinds, hasDup, modes));
            sequences++;
            if (sequences == SEQUENCES_TO_WARM_UP) {
                openBefore = OpenDescriptors.now();
            }
            if (System.nanoTime() - progressAt >= 0) {
                progressAt += PROGRESS_NANOS;
                progress.accept(report().toString());
            }
        }
        if (sequences > SEQUENCES_TO_WARM_UP) {
            requireNoneLeftOpen(openBefore);
        }
    }

    private void requireNoneLeftOpen(SortedMap<Integer, String> openBefore) {
        try {
            OpenDescriptors.assertNoneSince(openBefore, leakPatience);
        } catch (AssertionError e) {
            throw new AssertionError(
                    "open descriptors after " + report() + ": " + e.getMessage(), e);
        }
    }

    private void runOne(Script script) {
        List<Trace> traces = new ArrayList<>();
        for (int i = 0; i < subjects.size(); i++) {
            Subject subject = subjects.get(i);
            try {
                traces.add(ScriptRun.run(subject, script, tallies.get(i)));
            } catch (Divergence e) {
                throw failure(subject, script, e);
            } catch (IOException | RuntimeException e) {
                throw new AssertionError(
                        subject.provider.name()
                                + " cannot run the sequence of seed "
                                + seed
                                + ":\n"
                                + script,
                        e);
            }
        }
        for (int i = 0; i < traces.size(); i++) {
            for (int j = i + 1; j < traces.size(); j++) {
                Trace.compare(traces.get(i), traces.get(j), differences);
            }
        }
    }

    private AssertionError failure(Subject subject, Script script, Divergence found) {
        subject.longNanos = LONG_WHEN_REPEATED_NANOS;
        boolean again = false;
        for (int i = 0; i < REPEATS_OF_FAILURE && !again; i++) {
            again = divergence(subject, script, found.rule()) != null;
        }
        Script shortest =
                again
                        ? Shrinker.shrink(
                                script,
                                candidate -> failsTwice(subject, candidate, found.rule()),
                                SHRINKING_RUNS,
                                System.nanoTime() + SHRINKING_NANOS)
                        : script;
        Divergence last = again ? divergence(subject, shortest, found.rule()) : null;
        return new AssertionError(
                subject.provider.name()
                        + " violates the contract, "
                        + (last == null ? found : last).getMessage()
                        + (again ? "" : " (seen once, not when repeated)")
                        + "\nSeed "
                        + seed
                        + ", sequence "
                        + sequences
                        + ", shrunk from "
                        + script.size()
                        + " steps to "
                        + shortest.size()
                        + "; paste this into a test:\n\n"
                        + "ContractFuzzer.replay(provider(), \"\"\"\n"
                        + shortest.toString().indent(4)
                        + "    \"\"\");\n",
                last == null ? found : last);
    }

    /** A stall of the machine may look like a lost wakeup once, but hardly twice in a row. */
    private static boolean failsTwice(Subject subject, Script script, String rule) {
        for (int i = 0; i < 2; i++) {
            if (divergence(subject, script, rule) == null) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable Divergence divergence(Subject subject, Script script, String rule) {
        try {
            ScriptRun.run(subject, script, new Tally());
            return null;
        } catch (Divergence e) {
            return e.rule().equals(rule) ? e : null;
        } catch (IOException | RuntimeException e) {
            return null; // this part of the sequence cannot run alone
        }
    }

    private FuzzReport report() {
        List<FuzzReport.BackendCount> counts = new ArrayList<>();
        for (int i = 0; i < subjects.size(); i++) {
            Tally tally = tallies.get(i);
            counts.add(
                    new FuzzReport.BackendCount(
                            subjects.get(i).provider.name(),
                            tally.operations,
                            tally.polls,
                            tally.events));
        }
        return new FuzzReport(seed, sequences, List.copyOf(counts), Map.copyOf(differences));
    }

    /**
     * Runs every pair of backends and prints one line for each. Stops at the first failure.
     *
     * @param arguments operations per backend and pair, a seed or {@code random}, and the names of
     *     backends separated by commas
     * @throws IOException if the fuzzer cannot open the descriptors that it needs
     */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        if (arguments.length == 0) {
            out.println("usage: ContractFuzzer OPERATIONS [SEED|random [BACKEND,BACKEND...]]");
            System.exit(2);
        }
        long operations = Long.parseLong(arguments[0]);
        long seed =
                arguments.length < 2 || arguments[1].equals("random")
                        ? System.nanoTime()
                        : Long.parseLong(arguments[1]);
        List<PollerProvider> backends =
                arguments.length < 3
                        ? Pollers.providers().stream()
                                .filter(provider -> provider.unavailability() == null)
                                .toList()
                        : Arrays.stream(arguments[2].split(",", -1))
                                .map(Pollers::provider)
                                .toList();
        for (List<PollerProvider> pair : pairs(backends)) {
            out.println(
                    run(pair, seed, operations, LEAK_PATIENCE, out::println) + "; no violation");
        }
    }

    private static List<List<PollerProvider>> pairs(List<PollerProvider> backends) {
        if (backends.size() == 1) {
            return List.of(backends);
        }
        List<List<PollerProvider>> pairs = new ArrayList<>();
        for (int i = 0; i < backends.size(); i++) {
            for (int j = i + 1; j < backends.size(); j++) {
                pairs.add(List.of(backends.get(i), backends.get(j)));
            }
        }
        return pairs;
    }
}
