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
        name = "echo",
        synopsisHeading = "%nUsage: ",
        header = "Compares echo servers: Uloop, plain C, the JDK's Selector, Netty.",
        description = {
            "%nEach server runs in a process of its own on one CPU, the load generator on another."
                    + " All are warmed up, then they take turns. Loopback only."
        },
        optionListHeading = "%nOptions:%n",
        sortOptions = false,
        footer = {
            "%nServers:",
            "  c             plain epoll in C (needs cc)",
            "  c-batch       recvmmsg and sendmmsg in C, trains kept; UDP only",
            "  uloop         Uloop on epoll",
            "  uloop-batch   Uloop on epoll, datagrams in batches, trains kept; UDP only",
            "  uloop-poll    Uloop on poll; not by default",
            "  uloop-select  Uloop on select, which is NIO; not by default",
            "  nio           the JDK's Selector",
            "  netty-epoll   Netty's native epoll",
            "  netty-trains  the same, trains joined anew; UDP only",
            "  netty-nio     Netty on NIO",
            "",
            "Try a quick look first:",
            "  uloop bench echo --scenarios tcp --rounds 3 --seconds 1",
            "",
            "docs/benchmarks/README.md tells what the columns mean."
        })
public final class EchoCommand implements Callable<Integer> {
    private static final int MAX_BYTES = 16 * 1024;
    private static final int MAX_TRAIN_BYTES = 65_507; // of UDP over IPv4

    @Option(
            names = "--scenarios",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Of tcp, idle (TCP besides many silent connections), udp and trains (UDP"
                            + " from peers that send rows of datagrams by one call) (default:"
                            + " ${DEFAULT-VALUE}).")
    private List<String> scenarios = List.of("tcp", "idle", "udp", "trains");

    @Option(
            names = "--servers",
            split = ",",
            paramLabel = "NAME",
            converter = ServerName.class,
            description = "Which servers, see below (default: the usual ones).")
    private Set<Contender> servers = Contender.USUAL;

    @Option(
            names = "--base",
            paramLabel = "NAME",
            converter = ServerName.class,
            description = "The server that ratios are to (default: the first that runs).")
    private @Nullable Contender base;

    @Option(
            names = "--connections",
            paramLabel = "N",
            description = "Connections with a message under way (default: ${DEFAULT-VALUE}).")
    private int connections = 50;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            description = "Bytes of a message, 1 to 16384 (default: ${DEFAULT-VALUE}).")
    private int size = 64;

    @Option(
            names = "--idle",
            paramLabel = "N",
            description = "Silent connections of scenario idle (default: ${DEFAULT-VALUE}).")
    private int idle = 10_000;

    @Option(
            names = "--train",
            paramLabel = "N",
            description = "Datagrams of a train, 2 to 64 (default: ${DEFAULT-VALUE}).")
    private int train = 16;

    @Option(
            names = "--peers",
            paramLabel = "N",
            description = "Peers with a train under way (default: ${DEFAULT-VALUE}).")
    private int peers = 4;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Turns of each server (default: ${DEFAULT-VALUE}).")
    private int rounds = 5;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "Length of a turn (default: ${DEFAULT-VALUE}).")
    private double seconds = 2;

    @Option(
            names = "--warmup",
            paramLabel = "S",
            description = "Seconds of load before the first turn (default: ${DEFAULT-VALUE}).")
    private double warmup = 5;

    @Option(
            names = "--cpus",
            paramLabel = "SERVER,LOAD",
            description = "CPUs to pin servers and load to, or none (default: ${DEFAULT-VALUE}).")
    private String cpus = "0,1";

    @Option(
            names = "--jvm-flag",
            paramLabel = "FLAG",
            description = "A flag for the servers on the JVM; again for more.")
    private List<String> jvmFlags = List.of();

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "Write every round to a JSON file.")
    private @Nullable Path output;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and end.")
    boolean help;

    @Spec private @Nullable CommandSpec spec;

    /** Made by the command line. */
    public EchoCommand() {}

    @Override
    public Integer call() throws IOException {
        checkRanges();
        List<Scenario> asked = new ArrayList<>();
        for (String name : scenarios) {
            asked.add(scenario(name));
        }
        String[] pins = pins();
        try (Programs programs = Programs.compile()) {
            Launcher launcher = new Launcher(programs, pins[0], pins[1], jvmFlags);
            Machine machine =
                    Machine.here(
                            String.join(" ", launcher.flags()),
                            programs == null ? null : programs.compiler(),
                            pins[0] == null ? null : cpus);
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
            tell("without scenario " + scenario.name() + ": " + reason);
            return;
        }
        List<Contender> speakers =
                usable.stream().filter(each -> each.speaks(scenario.transport())).toList();
        if (speakers.isEmpty()) {
            tell("no server is left for " + scenario.title());
            return;
        }
        try (Comparison comparison = new Comparison(launcher, scenario, this::tell)) {
            Outcome outcome =
                    comparison.run(
                            speakers, baseOf(speakers), rounds, millis(seconds), millis(warmup));
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
        require("--train", train, 2, 64);
        require("--peers", peers, 1, 10_000);
        require("--rounds", rounds, 1, 1000);
        require("--seconds", seconds, 0.01, 60);
        require("--warmup", warmup, 0, 60);
    }

    private void require(String option, double value, double min, double max) {
        if (!(value >= min && value <= max)) {
            String range = number(min) + " to " + number(max);
            throw refusal(option + " is " + number(value) + ", but takes " + range);
        }
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    private Scenario scenario(String name) {
        return switch (name) {
            case "tcp" -> new Scenario(name, Transport.TCP, connections, size, 0, 1);
            case "idle" -> new Scenario(name, Transport.TCP, connections, size, idle, 1);
            case "udp" -> new Scenario(name, Transport.UDP, connections, size, 0, 1);
            case "trains" -> trains(name);
            default ->
                    throw refusal(
                            "no scenario is named '"
                                    + name
                                    + "'; there are tcp, idle, udp, trains");
        };
    }

    private Scenario trains(String name) {
        if (train * size > MAX_TRAIN_BYTES) {
            throw refusal(
                    String.format(
                            "a train is of %d x %d B, but a call takes %d B; lower --train or"
                                    + " --size",
                            train, size, MAX_TRAIN_BYTES));
        }
        return new Scenario(name, Transport.UDP, peers, size, 0, train);
    }

    /** The CPUs of server and load; nulls if they are not to be pinned or cannot be. */
    private @Nullable String[] pins() throws IOException {
        if (cpus.equals("none")) {
            return new @Nullable String[2];
        }
        if (!cpus.matches("\\d+,\\d+")) {
            throw refusal("--cpus is " + cpus + ", but takes two numbers, '0,1', or none");
        }
        if (Programs.firstLine("taskset", "--version") == null) {
            tell("not pinned: there is no taskset");
            return new @Nullable String[2];
        }
        return cpus.split(",", -1);
    }

    private List<Contender> usable(Launcher launcher) {
        List<Contender> usable = new ArrayList<>();
        for (Contender server : EnumSet.copyOf(servers)) {
            String reason = launcher.unavailability(server);
            if (reason == null) {
                usable.add(server);
            } else {
                tell("without " + server + ": " + reason);
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

    /** Finds a server by its name. */
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
