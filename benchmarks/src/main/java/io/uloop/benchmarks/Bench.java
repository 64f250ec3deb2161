package io.uloop.benchmarks;

import io.uloop.benchmarks.echo.EchoCommand;
import io.uloop.benchmarks.report.Effort;
import io.uloop.benchmarks.report.Report;
import io.uloop.benchmarks.report.Results;
import io.uloop.benchmarks.report.Session;
import io.uloop.benchmarks.report.Study;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The {@code uloop bench} command line. */
@Command(
        name = "uloop bench",
        synopsisHeading = "%nUsage: ",
        header = "Compares Uloop with C, the JDK and Netty on this machine.",
        description = {
            "%nWithout arguments, compares the backends and their peers in about five minutes,"
                    + " prints tables, and writes a page with charts to uloop-bench/index.html. The"
                    + " raw data is beside it in results.json. Ctrl-C keeps what is done."
        },
        subcommands = EchoCommand.class,
        synopsisSubcommandLabel = "",
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        sortOptions = false,
        footer = {
            "%nExamples:",
            "  uloop bench --quick              everything, roughly, in about 90 s",
            "  uloop bench poll timers          two questions",
            "  uloop bench --full --output new  everything, for publishing; takes hours",
            "  uloop bench --compare old/results.json new/results.json",
            "  uloop bench servers --help       servers in detail, with options"
        })
public final class Bench implements Callable<Integer> {
    private static final Path DEFAULT_OUTPUT = Path.of("uloop-bench");

    private final List<Study> studies;

    @Parameters(
            arity = "0..*",
            paramLabel = "QUESTION",
            description = "What to measure; --list shows all (default: those marked there).")
    private List<String> words = List.of();

    /** The efforts, of which one can be chosen. */
    private static final class EffortOptions {
        @Option(
                names = "--quick",
                description = "A rough look: one fork, short iterations, fewer parameters.")
        @SuppressWarnings("unused") // the only alternative
        boolean quick;

        @Option(
                names = "--full",
                description =
                        "For publishing: more forks, all parameters, and whole processes, too.")
        boolean full;
    }

    @ArgGroup private @Nullable EffortOptions effort;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description = "Directory for the results (default: ${DEFAULT-VALUE}).")
    private Path output = DEFAULT_OUTPUT;

    @Option(
            names = "--compare",
            arity = "2",
            paramLabel = "FILE",
            description = "Show what changed from one results.json to another, and exit.")
    private @Nullable List<Path> compared;

    @Option(
            names = "--draw",
            paramLabel = "FILE",
            description = "Write the page and charts of a results.json again, and exit.")
    private @Nullable Path drawn;

    @Option(names = "--list", description = "List the questions and about how long they take.")
    private boolean list;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    boolean help;

    @Spec private @Nullable CommandSpec spec;

    private Bench(List<Study> studies) {
        this.studies = studies;
    }

    /**
     * Runs one command and ends the JVM.
     *
     * @param arguments a command and its options
     */
    public static void main(String[] arguments) {
        System.setProperty("slf4j.internal.verbosity", "ERROR"); // no log is configured
        Logger.getLogger("io.uloop").setLevel(Level.WARNING); // the results name the backends
        System.exit(commandLine(Studies.all()).execute(arguments));
    }

    /**
     * Returns the command line, which reports each failure in one line.
     *
     * @param studies what it can run
     */
    static CommandLine commandLine(List<Study> studies) {
        return new CommandLine(new Bench(studies))
                .setParameterExceptionHandler(Bench::refuse)
                .setExecutionExceptionHandler(Bench::fail);
    }

    @Override
    public Integer call() throws IOException {
        if (list) {
            list();
        } else if (compared != null) {
            out().print(Report.changes(read(compared.get(0)), read(compared.get(1))));
        } else if (drawn != null) {
            Report.write(read(drawn), output);
            out().println(output.resolve(Report.PAGE));
        } else {
            return measure(chosen());
        }
        out().flush();
        return CommandLine.ExitCode.OK;
    }

    private static Results read(Path file) throws IOException {
        return Results.read(file);
    }

    private int measure(List<Study> asked) throws IOException {
        String names = asked.stream().map(Study::name).collect(Collectors.joining(", "));
        PrintWriter err = commandLine().getErr();
        err.println("Measuring " + names + ": about " + minutes(Session.expected(asked, effort())));
        err.flush();
        try (Interruption interruption = new Interruption(err)) {
            Session session = new Session(asked, effort(), output, err, Terminal.isStandardError());
            Results results = session.run();
            interruption.disarm();
            out().print(Report.tables(results));
            out().flush();
            Report.write(results, output);
            err.println("Charts: " + output.resolve(Report.PAGE));
            err.flush();
            return results.answers().isEmpty()
                    ? CommandLine.ExitCode.SOFTWARE
                    : CommandLine.ExitCode.OK;
        }
    }

    private Effort effort() {
        if (effort == null) {
            return Effort.NORMAL;
        }
        return effort.full ? Effort.FULL : Effort.QUICK;
    }

    private List<Study> chosen() {
        if (words.isEmpty()) {
            return studies.stream()
                    .filter(each -> each.runsByDefault() || effort() == Effort.FULL)
                    .toList();
        }
        List<Study> chosen = new ArrayList<>();
        for (String word : new LinkedHashSet<>(words)) {
            chosen.add(
                    studies.stream()
                            .filter(each -> each.name().equals(word))
                            .findFirst()
                            .orElseThrow(() -> unknown(word)));
        }
        return chosen;
    }

    private ParameterException unknown(String word) {
        String names = studies.stream().map(Study::name).collect(Collectors.joining(", "));
        return new ParameterException(
                commandLine(), "unknown question '" + word + "'; choose from " + names);
    }

    private void list() {
        int width = studies.stream().mapToInt(each -> each.name().length()).max().orElse(0);
        for (Study study : studies) {
            out().printf(
                            "%s %-" + width + "s  %7s  %s%n",
                            study.runsByDefault() ? "*" : " ",
                            study.name(),
                            minutes(study.expected(effort())),
                            study.summary());
        }
        out().println("* runs if no question is named");
    }

    private static String minutes(Duration duration) {
        long seconds = Math.max(1, duration.toSeconds());
        return seconds < 100 ? seconds + " s" : (seconds + 30) / 60 + " min";
    }

    private CommandLine commandLine() {
        return Objects.requireNonNull(spec).commandLine();
    }

    private PrintWriter out() {
        return commandLine().getOut();
    }

    private static int refuse(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        command.getErr().println(name + ": " + failure.getMessage());
        command.getErr().println("Try '" + name + " --help'.");
        return CommandLine.ExitCode.USAGE;
    }

    private static int fail(Exception failure, CommandLine command, ParseResult parsed) {
        if (failure instanceof IOException) {
            String name = command.getCommandSpec().qualifiedName();
            command.getErr().println(name + ": " + failure.getMessage());
        } else {
            failure.printStackTrace(command.getErr());
        }
        return CommandLine.ExitCode.SOFTWARE;
    }
}
