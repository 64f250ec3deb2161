package io.uloop.benchmarks.echo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a scenario. All servers are started and warmed up. Then their rounds are interleaved (A B C
 * A B C), so that other load on the machine affects all of them alike.
 */
final class Comparison implements AutoCloseable {
    private final Launcher launcher;
    private final Scenario scenario;
    private final Consumer<String> progress;
    private final List<Turn> turns = new ArrayList<>();

    /** A server with its load and its results. */
    private static final class Turn {
        final Contender contender;
        final ChildProcess server;
        final List<Round> rounds = new ArrayList<>();
        @Nullable ChildProcess load;
        Outcome.@Nullable IdleMemory idle;

        Turn(Contender contender, ChildProcess server) {
            this.contender = contender;
            this.server = server;
        }
    }

    /**
     * @param progress receives a line for each step
     */
    Comparison(Launcher launcher, Scenario scenario, Consumer<String> progress) {
        this.launcher = launcher;
        this.scenario = scenario;
        this.progress = progress;
    }

    /**
     * Runs all rounds.
     *
     * @param contenders the servers to run, all usable here
     * @param base the server among them that the others are compared with
     * @throws IOException if a server or the load fails
     */
    Outcome run(
            List<Contender> contenders, Contender base, int rounds, long millis, long warmupMillis)
            throws IOException {
        for (Contender contender : contenders) {
            progress.accept("warming up " + contender);
            ChildProcess server = launcher.server(contender, scenario.transport());
            Turn turn = new Turn(contender, server);
            turns.add(turn);
            warmUp(turn, warmupMillis);
        }
        for (Turn turn : turns) {
            connect(turn);
        }
        for (int round = 1; round <= rounds; round++) {
            progress.accept("round " + round + " of " + rounds);
            for (Turn turn : turns) {
                turn.rounds.add(measure(turn, millis));
            }
        }
        List<Outcome.Entry> entries = new ArrayList<>();
        for (Turn turn : turns) {
            entries.add(new Outcome.Entry(turn.contender, turn.rounds, turn.idle));
        }
        return new Outcome(scenario, base, entries);
    }

    private void warmUp(Turn turn, long millis) throws IOException {
        try (ChildProcess load = launcher.load(scenario, turn.server.port(), 0)) {
            load.ask("run " + millis, "DONE ");
        }
    }

    /** Opens the connections for all rounds, including idle ones. */
    private void connect(Turn turn) throws IOException {
        int idle = scenario.idle();
        if (idle == 0) {
            turn.load = launcher.load(scenario, turn.server.port(), 0);
            return;
        }
        progress.accept("connecting " + idle + " idle to " + turn.contender);
        Long heapBefore = ask(turn, "heap");
        long residentBefore = ProcessUsage.of(turn.server.pid()).residentBytes();
        ChildProcess load = launcher.load(scenario, turn.server.port(), idle);
        turn.load = load;
        load.ask("run 1", "DONE "); // once answered, the earlier idle connections are accepted
        Long heapAfter = ask(turn, "heap");
        long residentAfter = ProcessUsage.of(turn.server.pid()).residentBytes();
        turn.idle =
                new Outcome.IdleMemory(
                        (residentAfter - residentBefore) / (double) idle,
                        heapBefore == null || heapAfter == null
                                ? null
                                : (heapAfter - heapBefore) / (double) idle);
    }

    private Round measure(Turn turn, long millis) throws IOException {
        ChildProcess load = turn.load;
        if (load == null) {
            throw new IllegalStateException(turn.contender + " is not connected");
        }
        Long allocatedBefore = ask(turn, "allocated");
        long loadBefore = ProcessUsage.of(load.pid()).cpuNanos();
        ProcessUsage before = ProcessUsage.of(turn.server.pid());
        String done = load.ask("run " + millis, "DONE ");
        ProcessUsage after = ProcessUsage.of(turn.server.pid());
        long loadAfter = ProcessUsage.of(load.pid()).cpuNanos();
        Long allocatedAfter = ask(turn, "allocated");
        Long allocated =
                allocatedBefore == null || allocatedAfter == null
                        ? null
                        : allocatedAfter - allocatedBefore;
        return Round.of(done, before, after, loadAfter - loadBefore, allocated);
    }

    /** Asks a server on the JVM for a number of bytes; returns null for a C program. */
    private static @Nullable Long ask(Turn turn, String question) throws IOException {
        return turn.contender.isProgram()
                ? null
                : Long.valueOf(turn.server.ask(question, "BYTES "));
    }

    /** Kills all processes. */
    @Override
    public void close() {
        for (Turn turn : turns) {
            if (turn.load != null) {
                turn.load.close();
            }
            turn.server.close();
        }
    }
}
