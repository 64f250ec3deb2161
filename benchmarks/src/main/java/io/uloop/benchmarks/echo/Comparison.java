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
    /**
     * The parts of a warmup, each with new connections, so that the JVM compiles what runs once per
     * connection, too. Above all, a virtual thread with an interpreted frame continues slowly.
     */
    private static final int WARMUP_PARTS = 10;

    private final Launcher launcher;
    private final Scenario scenario;
    private final Consumer<String> progress;
    private final List<Participant> participants = new ArrayList<>();

    /** A server with its load and its results. */
    private static final class Participant {
        final Contender contender;
        final ChildProcess server;
        final List<Round> rounds = new ArrayList<>();
        @Nullable ChildProcess load;
        Outcome.@Nullable IdleMemory idle;

        Participant(Contender contender, ChildProcess server) {
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
            Participant participant = new Participant(contender, server);
            participants.add(participant);
            warmUp(participant, warmupMillis);
        }
        for (Participant participant : participants) {
            connect(participant);
        }
        for (int round = 1; round <= rounds; round++) {
            progress.accept("round " + round + " of " + rounds);
            for (Participant participant : participants) {
                participant.rounds.add(measure(participant, millis));
            }
        }
        List<Outcome.Entry> entries = new ArrayList<>();
        for (Participant participant : participants) {
            entries.add(
                    new Outcome.Entry(participant.contender, participant.rounds, participant.idle));
        }
        return new Outcome(scenario, base, entries);
    }

    private void warmUp(Participant participant, long millis) throws IOException {
        for (int i = 0; i < WARMUP_PARTS; i++) {
            try (ChildProcess load = launcher.load(scenario, participant.server.port(), 0)) {
                load.ask("run " + millis / WARMUP_PARTS, "DONE ");
            }
        }
    }

    /** Opens the connections for all rounds, including idle ones. */
    private void connect(Participant participant) throws IOException {
        int idle = scenario.idle();
        if (idle == 0) {
            participant.load = launcher.load(scenario, participant.server.port(), 0);
            return;
        }
        progress.accept("connecting " + idle + " idle to " + participant.contender);
        Long heapBefore = ask(participant, "heap");
        long residentBefore = ProcessUsage.of(participant.server.pid()).residentBytes();
        ChildProcess load = launcher.load(scenario, participant.server.port(), idle);
        participant.load = load;
        load.ask("run 1", "DONE "); // once answered, the earlier idle connections are accepted
        Long heapAfter = ask(participant, "heap");
        long residentAfter = ProcessUsage.of(participant.server.pid()).residentBytes();
        participant.idle =
                new Outcome.IdleMemory(
                        (residentAfter - residentBefore) / (double) idle,
                        heapBefore == null || heapAfter == null
                                ? null
                                : (heapAfter - heapBefore) / (double) idle);
    }

    private Round measure(Participant participant, long millis) throws IOException {
        ChildProcess load = participant.load;
        if (load == null) {
            throw new IllegalStateException(participant.contender + " is not connected");
        }
        Long allocatedBefore = ask(participant, "allocated");
        long loadBefore = ProcessUsage.of(load.pid()).cpuNanos();
        ProcessUsage before = ProcessUsage.of(participant.server.pid());
        String done = load.ask("run " + millis, "DONE ");
        ProcessUsage after = ProcessUsage.of(participant.server.pid());
        long loadAfter = ProcessUsage.of(load.pid()).cpuNanos();
        Long allocatedAfter = ask(participant, "allocated");
        Long allocated =
                allocatedBefore == null || allocatedAfter == null
                        ? null
                        : allocatedAfter - allocatedBefore;
        return Round.of(done, before, after, loadAfter - loadBefore, allocated);
    }

    /** Asks a server on the JVM for a number of bytes; returns null for a C program. */
    private static @Nullable Long ask(Participant participant, String question) throws IOException {
        return participant.contender.isProgram()
                ? null
                : Long.valueOf(participant.server.ask(question, "BYTES "));
    }

    /** Kills all processes. */
    @Override
    public void close() {
        for (Participant participant : participants) {
            if (participant.load != null) {
                participant.load.close();
            }
            participant.server.close();
        }
    }
}
