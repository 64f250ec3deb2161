package io.uloop.benchmarks.echo;

import io.uloop.benchmarks.report.Question;
import io.uloop.benchmarks.report.Study;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** The comparisons of whole servers. */
public final class ServerStudies {
    private static final int MESSAGE_BYTES = 64;
    private static final int STREAMS = 4;
    private static final int[] LOADS = {25, 50, 75};

    private static final Set<Contender> HANDLERS =
            EnumSet.of(
                    Contender.C,
                    Contender.ULOOP_EPOLL,
                    Contender.CONNECTION_EPOLL,
                    Contender.NIO,
                    Contender.NETTY_EPOLL,
                    Contender.NETTY_IO_URING,
                    Contender.NETTY_NIO);

    private final int active;
    private final int streamBytes;
    private final int[] idle;

    /**
     * @param active the number of active connections
     * @param idle the numbers of idle connections
     */
    ServerStudies(int active, int streamBytes, int... idle) {
        this.active = active;
        this.streamBytes = streamBytes;
        this.idle = idle;
    }

    /** {@return all studies, each named by a word of the command line} */
    public static List<Study> all() {
        // 18,000 leaves room for active connections below the usual limit of 20,000 descriptors.
        return List.copyOf(new ServerStudies(50, 64 << 20, 10_000, 18_000).studies());
    }

    List<ServerStudy> studies() {
        return List.of(echo(), streams(), churn(), rates(), tls(), idle());
    }

    private ServerStudy echo() {
        String unit = "us per message";
        return new ServerStudy(
                "echo",
                "CPU time of echo servers per message, with 1 and with 50 connections",
                with(
                        Contender.CONNECTION_KQUEUE,
                        Contender.CONNECTION_POLL,
                        Contender.CONNECTION_SELECT,
                        Contender.FIBERS_LOOP,
                        Contender.VTHREADS_SOCKET),
                List.of(echo(1), echo(active)),
                List.of(
                        new ServerStudy.Figure(
                                Question.bars(
                                        "echo",
                                        "Echo servers",
                                        "How much CPU time does an echo server take per message of"
                                                + " 64 bytes over TCP?",
                                        unit),
                                ServerStudies::cpuMicros),
                        new ServerStudy.Figure(
                                Question.bars(
                                        "echo-user",
                                        "Echo servers, outside the kernel",
                                        "How much of that time does the server spend in its own"
                                                + " code and its runtime?",
                                        unit),
                                round -> cpuMicros(round) * round.userShare(),
                                true,
                                null)));
    }

    private static ServerStudy.Part echo(int connections) {
        return new ServerStudy.Part(
                Scenario.messages("tcp", Transport.TCP, connections, MESSAGE_BYTES),
                Map.of("connections", Integer.toString(connections)));
    }

    private ServerStudy streams() {
        return new ServerStudy(
                "streams",
                "Bytes that echo servers move per second of CPU time, in streams of 64 MiB",
                with(),
                List.of(
                        new ServerStudy.Part(
                                Scenario.of(Traffic.STREAMS, STREAMS, streamBytes), Map.of())),
                List.of(
                        new ServerStudy.Figure(
                                Question.bars(
                                                "streams",
                                                "Large streams",
                                                "How much does a server echo per second of its CPU"
                                                        + " time, in four streams of 64 MiB?",
                                                "GB per CPU-second")
                                        .moreIsBetter(),
                                round -> 1 / round.cpuNanosPerMessage())));
    }

    private ServerStudy churn() {
        return new ServerStudy(
                "churn",
                "Connections with one message that servers handle per second of CPU time",
                with(),
                List.of(
                        new ServerStudy.Part(
                                Scenario.of(Traffic.CHURN, active, MESSAGE_BYTES), Map.of())),
                List.of(
                        new ServerStudy.Figure(
                                Question.bars(
                                                "churn",
                                                "Short connections",
                                                "How many connections does a server accept, answer"
                                                        + " once and close per second of its CPU"
                                                        + " time?",
                                                "connections per CPU-second")
                                        .moreIsBetter(),
                                round -> 1e9 / round.cpuNanosPerMessage())));
    }

    private ServerStudy rates() {
        List<ServerStudy.Part> parts = new ArrayList<>();
        for (int load : LOADS) {
            parts.add(
                    new ServerStudy.Part(
                            Scenario.messages("tcp", Transport.TCP, active, MESSAGE_BYTES),
                            Map.of("load", Integer.toString(load)),
                            load / 100.0));
        }
        return new ServerStudy(
                "rates",
                "Latency of echo servers at fixed rates of messages",
                with(Contender.FIBERS_LOOP, Contender.VTHREADS_SOCKET),
                parts,
                List.of(
                        latency("p50", "half", Round::p50Nanos),
                        latency("p99", "99 %", Round::p99Nanos),
                        latency("p999", "99.9 %", Round::p999Nanos)));
    }

    private static ServerStudy.Figure latency(
            String percentile, String share, ToDoubleFunction<Round> nanos) {
        return new ServerStudy.Figure(
                Question.lines(
                        "rates-" + percentile,
                        "Latency at fixed rates, " + share + " of the messages",
                        "Within which time after they were due are "
                                + share
                                + " of the messages answered?",
                        "us",
                        "load",
                        "% of the highest rate of the server in C"),
                round -> nanos.applyAsDouble(round) / 1e3);
    }

    private ServerStudy tls() {
        return new ServerStudy(
                "tls",
                "CPU time of echo servers per message over TLS",
                List.of(
                        Contender.CONNECTION_EPOLL,
                        Contender.VTHREADS_SOCKET,
                        Contender.THREADS_SOCKET,
                        Contender.NETTY_EPOLL,
                        Contender.NETTY_NIO),
                List.of(
                        new ServerStudy.Part(
                                Scenario.messages("tls", Transport.TLS, active, MESSAGE_BYTES),
                                Map.of())),
                List.of(
                        new ServerStudy.Figure(
                                Question.bars(
                                        "tls",
                                        "Echo servers with TLS",
                                        "How much CPU time does an echo server take per message of"
                                                + " 64 bytes over TLS 1.3 with the JDK's engine?",
                                        "us per message"),
                                ServerStudies::cpuMicros)));
    }

    private ServerStudy idle() {
        List<ServerStudy.Part> parts =
                Arrays.stream(idle)
                        .mapToObj(
                                count ->
                                        new ServerStudy.Part(
                                                echo(active).scenario().withIdle(count),
                                                Map.of("idle", Integer.toString(count))))
                        .toList();
        return new ServerStudy(
                "idle-connections",
                "CPU time of echo servers per message and their memory, with idle connections",
                with(Contender.FIBERS_LOOP, Contender.VTHREADS_SOCKET),
                parts,
                List.of(
                        new ServerStudy.Figure(
                                Question.lines(
                                        "idle-connections",
                                        "Echo servers with idle connections",
                                        "How much CPU time does a message on one of 50 active"
                                                + " connections take beside idle ones?",
                                        "us per message",
                                        "idle",
                                        "idle connections"),
                                ServerStudies::cpuMicros),
                        new ServerStudy.Figure(
                                Question.lines(
                                        "idle-connections-memory",
                                        "Memory of idle connections",
                                        "How much memory of the server's process does an idle"
                                                + " connection take?",
                                        "bytes per connection",
                                        "idle",
                                        "idle connections"),
                                ServerStudies::cpuMicros,
                                false,
                                Outcome.IdleMemory::residentBytes)));
    }

    private static double cpuMicros(Round round) {
        return round.cpuNanosPerMessage() / 1e3;
    }

    /** Returns the servers of most studies and some more, in the order of the table. */
    private static List<Contender> with(Contender... more) {
        EnumSet<Contender> all = EnumSet.copyOf(HANDLERS);
        all.addAll(Arrays.asList(more));
        return List.copyOf(all);
    }
}
