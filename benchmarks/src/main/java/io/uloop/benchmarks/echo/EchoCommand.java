package io.uloop.benchmarks.echo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Compares echo servers. */
@Command(
        name = "servers",
        synopsisHeading = "%nUsage: ",
        header = "Compares echo servers: Uloop, plain C, the JDK, Netty.",
        description = {
            "%nEach server runs in its own process on one CPU, the load generator on another."
                    + " After a warmup, the rounds of the servers are interleaved. All traffic uses"
                    + " the loopback interface."
        },
        optionListHeading = "%nOptions:%n",
        sortOptions = false,
        footer = {
            "%nServers:",
            "  c                 plain epoll in C (needs cc)",
            "  c-batch           recvmmsg and sendmmsg in C, with GSO and GRO; UDP only",
            "  uloop-epoll       Uloop on epoll, handlers on channels",
            "  uloop-kqueue      the same on kqueue (not run by default)",
            "  uloop-poll        the same on poll (not run by default)",
            "  uloop-select      the same on select, which is NIO (not run by default)",
            "  uloop-batch       uloop-epoll in batches, with GSO and GRO; UDP only",
            "  connection-epoll  Uloop on epoll, Connection; TCP and TLS",
            "  connection-kqueue the same on kqueue (not run by default)",
            "  connection-poll   the same on poll (not run by default)",
            "  connection-select the same on select, which is NIO (not run by default)",
            "  fibers-loop       Uloop, fibers on the loop's thread (JDK 21-25); TCP only",
            "  fibers-jdk        Uloop, fibers on the JDK's scheduler (JDK 21); TCP only",
            "  fibers-platform   Uloop, fibers on threads; TCP only (not run by default)",
            "  vthreads-channel  JDK, virtual threads on SocketChannel (JDK 21); TCP only",
            "  vthreads-socket   JDK, virtual threads on Socket, SSLSocket (JDK 21); TCP, TLS",
            "  threads-socket    JDK, threads on Socket, SSLSocket; TCP, TLS (not run by default)",
            "  nio               the JDK's Selector",
            "  netty-epoll       Netty on its native epoll",
            "  netty-segments    netty-epoll with GSO and GRO; UDP only",
            "  netty-io_uring    Netty on its native io_uring",
            "  netty-nio         Netty on NIO",
            "",
            "For a quick look:",
            "  uloop bench servers --scenarios tcp --rounds 3 --seconds 1",
            "",
            "docs/benchmarks/README.md explains the columns."
        })
public final class EchoCommand implements Callable<Integer> {
    private static final int MAX_BYTES = 16 * 1024;
    private static final int MAX_SEND_BYTES = 65_507; // the longest payload of UDP over IPv4

    @Option(
            names = "--scenarios",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Scenarios to run: tcp, idle (TCP with many idle connections), udp, segments"
                            + " (UDP with segmented datagrams, sent with one call by each peer),"
                            + " tls, churn (a connection per message), and streams (see --stream)"
                            + " (default: ${DEFAULT-VALUE}).")
    private List<String> scenarios = List.of("tcp", "idle", "udp", "segments");

    @Option(
            names = "--servers",
            split = ",",
            paramLabel = "NAME",
            converter = ServerName.class,
            description = "Servers to run, see below (default: all but those marked).")
    private Set<Contender> servers = Contender.USUAL;

    @Option(
            names = "--base",
            paramLabel = "NAME",
            converter = ServerName.class,
            description = "Server that ratios refer to (default: the first that runs).")
    private @Nullable Contender base;

    @Option(
            names = "--connections",
            paramLabel = "N",
            description =
                    "Active connections, with one message in flight each (default: ${DEFAULT-VALUE}).")
    private int connections = 50;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            description = "Bytes per message, 1 to 16384 (default: ${DEFAULT-VALUE}).")
    private int size = 64;

    @Option(
            names = "--idle",
            paramLabel = "N",
            description = "Idle connections in scenario idle (default: ${DEFAULT-VALUE}).")
    private int idle = 10_000;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description =
                    "Messages per second in scenarios tcp, idle and udp. Their latency counts from"
                            + " the time when they are due (default: 0, a closed loop).")
    private int rate;

    @Option(
            names = "--stream",
            paramLabel = "MIB",
            description =
                    "Length of a stream in scenario streams, in MiB, 1 to 1024"
                            + " (default: ${DEFAULT-VALUE}).")
    private int streamMiB = 64;

    @Option(
            names = "--segments",
            paramLabel = "N",
            description =
                    "Segments per send in scenario segments, 2 to 64 (default: ${DEFAULT-VALUE}).")
    private int segments = 16;

    @Option(
            names = "--peers",
            paramLabel = "N",
            description =
                    "Peers in scenarios segments and streams, with one send or stream in flight each"
                            + " (default: ${DEFAULT-VALUE}).")
    private int peers = 4;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Rounds per server (default: ${DEFAULT-VALUE}).")
    private int rounds = 5;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "Seconds per round (default: ${DEFAULT-VALUE}).")
    private double seconds = 2;

    @Option(
            names = "--warmup",
            paramLabel = "S",
            description = "Seconds of load before the first round (default: ${DEFAULT-VALUE}).")
    private double warmup = 5;

    @Option(
            names = "--cpus",
            paramLabel = "SERVER,LOAD",
            description = "CPUs to pin servers and load to, or 'none' (default: ${DEFAULT-VALUE}).")
    private String cpus = "0,1";

    @Option(
            names = "--jvm-flag",
            paramLabel = "FLAG",
            description = "Flag for the servers on the JVM. May be repeated.")
    private List<String> jvmFlags = List.of();

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "Write all rounds to this JSON file.")
    private @Nullable Path output;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    boolean help;

    @Spec private @Nullable CommandSpec spec;

    /** Creates a command with default options. */
    public EchoCommand() {}

    @Override
    public Integer call() throws IOException {
        checkRanges();
        List<Scenario> asked = new ArrayList<>();
        for (String name : scenarios) {
            asked.add(scenario(name));
        }
        Cpus pins = pins();
        try (Programs programs = Programs.find()) {
            Launcher launcher = new Launcher(programs, pins, jvmFlags);
            Machine machine =
                    Machine.here(
                            String.join(" ", launcher.flags()),
                            programs == null ? null : programs.compiler(),
                            pins.server() == null ? null : cpus);
            List<Contender> usable = usable(launcher);
            out().println(machine);
            List<Outcome> outcomes = new ArrayList<>();
            for (Scenario scenario : asked) {
                compare(launcher, scenario, usable, outcomes);
            }
            if (output != null) {
                Files.writeString(output, Json.of(machine, outcomes));
            }
        }
        return CommandLine.ExitCode.OK;
    }

    private void compare(
            Launcher launcher, Scenario scenario, List<Contender> usable, List<Outcome> outcomes)
            throws IOException {
        String reason = launcher.unavailability(scenario);
        if (reason != null) {
            tell("skipping scenario " + scenario.name() + ": " + reason);
            return;
        }
        List<Contender> speakers =
                usable.stream().filter(each -> each.speaks(scenario.transport())).toList();
        if (speakers.isEmpty()) {
            tell("skipping " + scenario.title() + ": no server can run it");
            return;
        }
        try (Comparison comparison = new Comparison(launcher, this::tell)) {
            comparison.start(speakers, scenario, millis(warmup));
            Outcome outcome =
                    comparison.measure(scenario, baseOf(speakers), rounds, millis(seconds));
            outcomes.add(outcome);
            out().println();
            out().print(Table.of(outcome));
            out().flush();
        }
    }

    private Contender baseOf(List<Contender> speakers) {
        return base != null && speakers.contains(base) ? base : speakers.get(0);
    }

    private void checkRanges() {
        require("--connections", connections, 1, 10_000);
        require("--size", size, 1, MAX_BYTES);
        require("--idle", idle, 1, 100_000);
        require("--rate", rate, 0, 10_000_000);
        require("--stream", streamMiB, 1, 1024);
        require("--segments", segments, 2, 64);
        require("--peers", peers, 1, 10_000);
        require("--rounds", rounds, 1, 1000);
        require("--seconds", seconds, 0.01, 60);
        require("--warmup", warmup, 0, 60);
    }

    private void require(String option, double value, double min, double max) {
        if (!(value >= min && value <= max)) {
            String range = number(min) + " to " + number(max);
            throw refusal(option + " is " + number(value) + ", must be " + range);
        }
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    private Scenario scenario(String name) {
        return switch (name) {
            case "tcp" -> messages(name, Transport.TCP).withRate(rate);
            case "idle" -> messages(name, Transport.TCP).withIdle(idle).withRate(rate);
            case "udp" -> messages(name, Transport.UDP).withRate(rate);
            case "tls" -> messages(name, Transport.TLS);
            case "churn" -> Scenario.of(Traffic.CHURN, connections, size);
            case "streams" -> Scenario.of(Traffic.STREAMS, peers, streamMiB << 20);
            case "segments" -> segments(name);
            default ->
                    throw refusal(
                            "unknown scenario '"
                                    + name
                                    + "'; choose from tcp, idle, udp, segments, tls, churn,"
                                    + " streams");
        };
    }

    private Scenario messages(String name, Transport transport) {
        return Scenario.messages(name, transport, connections, size);
    }

    private Scenario segments(String name) {
        if (segments * size > MAX_SEND_BYTES) {
            throw refusal(
                    String.format(
                            "a send of %d x %d B exceeds the limit of %d B; lower --segments or"
                                    + " --size",
                            segments, size, MAX_SEND_BYTES));
        }
        return Scenario.messages(name, Transport.UDP, peers, size).withSegments(segments);
    }

    private Cpus pins() throws IOException {
        if (cpus.equals("none")) {
            return Cpus.NONE;
        }
        if (!cpus.matches("\\d+,\\d+")) {
            throw refusal("--cpus is " + cpus + ", must be two numbers as in '0,1', or none");
        }
        if (!Cpus.canPin()) {
            tell("not pinning to CPUs: taskset not found");
            return Cpus.NONE;
        }
        String[] numbers = cpus.split(",", -1);
        return new Cpus(numbers[0], numbers[1]);
    }

    private List<Contender> usable(Launcher launcher) {
        List<Contender> usable = new ArrayList<>();
        for (Contender server : EnumSet.copyOf(servers)) {
            String reason = launcher.unavailability(server);
            if (reason == null) {
                usable.add(server);
            } else {
                tell("skipping " + server + ": " + reason);
            }
        }
        return usable;
    }

    private static long millis(double seconds) {
        return Math.round(seconds * 1000);
    }

    private ParameterException refusal(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }

    private void tell(String line) {
        PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
        err.println(line);
        err.flush();
    }

    private PrintWriter out() {
        return Objects.requireNonNull(spec).commandLine().getOut();
    }

    /** Converts the name of a server. */
    static final class ServerName implements ITypeConverter<Contender> {
        @Override
        public Contender convert(String value) {
            try {
                return Contender.of(value);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.TypeConversionException(
                        Objects.requireNonNull(e.getMessage()));
            }
        }
    }
}
