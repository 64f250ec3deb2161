package io.uloop.benchmarks.echo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs scenarios. All servers are started and warmed up. Then their rounds are interleaved (A B C A
 * B C), so that other load on the machine affects all of them alike.
 */
final class Comparison implements AutoCloseable {
    /**
     * The parts of a warmup, each with new connections, so that the JVM compiles what runs once per
     * connection, too. Above all, a virtual thread with an interpreted frame continues slowly.
     */
    private static final int WARMUP_PARTS = 10;

    private final Launcher launcher;
    private final Consumer<String> progress;
    private final List<Participant> participants = new ArrayList<>();
    private long warmupMillis;

    /** A server. */
    private record Participant(Contender contender, ChildProcess server) {}

    /** A server with the load of a scenario and its results. */
    private record Trial(
            Participant participant,
            Scenario scenario,
            ChildProcess load,
            Outcome.@Nullable IdleMemory idle,
            List<Round> rounds) {}

    /**
     * @param progress receives a line for each step
     */
    Comparison(Launcher launcher, Consumer<String> progress) {
        this.launcher = launcher;
        this.progress = progress;
    }

    /**
     * Starts servers and warms them up.
     *
     * @param contenders the servers to compare, all usable here
     * @param scenario the load to warm up with; scenarios that follow have the same transport
     * @throws IOException if a server or the load fails
     */
    void start(List<Contender> contenders, Scenario scenario, long warmupMillis)
            throws IOException {
        this.warmupMillis = warmupMillis;
        for (Contender contender : contenders) {
            progress.accept("warming up " + contender);
            ChildProcess server = launcher.server(contender, scenario.transport());
            participants.add(new Participant(contender, server));
            // Load over TLS comes from a JVM, which is slow to start and warms up once more.
            int parts = scenario.transport() == Transport.TLS ? 1 : WARMUP_PARTS;
            for (int i = 0; i < parts; i++) {
                try (ChildProcess load = launcher.load(scenario, server.port(), 0)) {
                    run(load, scenario, warmupMillis / parts);
                }
            }
        }
    }

    /**
     * Runs all rounds of a scenario.
     *
     * @param base the server among those started that the others are compared with
     * @throws IOException if a server or the load fails
     */
    Outcome measure(Scenario scenario, Contender base, int rounds, long millis) throws IOException {
        List<Trial> trials = new ArrayList<>();
        try {
            for (Participant participant : participants) {
                trials.add(connect(participant, scenario));
            }
            for (int round = 1; round <= rounds; round++) {
                progress.accept("round " + round + " of " + rounds);
                for (Trial trial : trials) {
                    trial.rounds.add(measure(trial, millis));
                }
            }
        } finally {
            trials.forEach(trial -> trial.load.close());
        }
        return new Outcome(
                scenario,
                base,
                trials.stream()
                        .map(
                                trial ->
                                        new Outcome.Entry(
                                                trial.participant.contender,
                                                trial.rounds,
                                                trial.idle))
                        .toList());
    }

    /** Opens the connections for all rounds, including idle ones. */
    private Trial connect(Participant participant, Scenario scenario) throws IOException {
        int idle = scenario.idle();
        if (idle > 0) {
            progress.accept("connecting " + idle + " idle to " + participant.contender);
        }
        Long heapBefore = idle == 0 ? null : ask(participant, "heap");
        long residentBefore = ProcessUsage.of(participant.server.pid()).residentBytes();
        ChildProcess load = launcher.load(scenario, participant.server.port(), idle);
        try {
            // A load generator on a JVM needs a warmup, too. Once a message is answered, the
            // earlier
            // idle connections are accepted.
            boolean tls = scenario.transport() == Transport.TLS;
            run(load, scenario.withRate(0), tls ? warmupMillis : 1);
            Outcome.IdleMemory memory = null;
            if (idle > 0) {
                Long heapAfter = ask(participant, "heap");
                long residentAfter = ProcessUsage.of(participant.server.pid()).residentBytes();
                memory =
                        new Outcome.IdleMemory(
                                (residentAfter - residentBefore) / (double) idle,
                                heapBefore == null || heapAfter == null
                                        ? null
                                        : (heapAfter - heapBefore) / (double) idle);
            }
            return new Trial(participant, scenario, load, memory, new ArrayList<>());
        } catch (IOException | RuntimeException e) {
            load.close();
            throw e;
        }
    }

    private static Round measure(Trial trial, long millis) throws IOException {
        Participant participant = trial.participant;
        Long allocatedBefore = ask(participant, "allocated");
        long loadBefore = ProcessUsage.of(trial.load.pid()).cpuNanos();
        ProcessUsage before = ProcessUsage.of(participant.server.pid());
        String done = run(trial.load, trial.scenario, millis);
        ProcessUsage after = ProcessUsage.of(participant.server.pid());
        long loadAfter = ProcessUsage.of(trial.load.pid()).cpuNanos();
        Long allocatedAfter = ask(participant, "allocated");
        Long allocated =
                allocatedBefore == null || allocatedAfter == null
                        ? null
                        : allocatedAfter - allocatedBefore;
        return Round.of(done, before, after, loadAfter - loadBefore, allocated);
    }

    private static String run(ChildProcess load, Scenario scenario, long millis)
            throws IOException {
        return load.ask("run " + millis + " " + scenario.rate(), "DONE ");
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
        participants.forEach(participant -> participant.server.close());
    }
}
