package io.uloop.cli;

import io.uloop.poller.PollerUnavailableException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code uloop} command line. */
public final class Main extends Command {
    private static final String NAME = "uloop";

    /** The command by which the launcher makes an AOT cache. */
    private static final String REHEARSE = "rehearse";

    /** In the order of the help. */
    private static final List<String> COMMANDS =
            List.of(
                    "backends",
                    "time-server",
                    "echo-server",
                    "fiber-time",
                    "fiber-echo",
                    "tail",
                    "stdin",
                    "run",
                    "top",
                    REHEARSE);

    private Main() {
        super(
                NAME,
                "Servers and tools on Uloop, an event loop over epoll, kqueue, poll and select.",
                "",
                "%nRun 'uloop COMMAND --help' for details of a command.",
                "",
                "Every command uses the best backend that is usable here, unless --backend,",
                "-Duloop.poller or the environment variable ULOOP_POLLER names another one.",
                "",
                "Run 'uloop bench --help' to compare Uloop with C, NIO and Netty.");
        spec().usageMessage()
                .sortOptions(true)
                .synopsisSubcommandLabel("COMMAND")
                .commandListHeading("%nCommands:%n");
        spec().versionProvider(new Version());
        add(
                OptionSpec.builder("-V", "--version")
                        .versionHelp(true)
                        .description("Print the version and exit."));
    }

    /**
     * Runs one command and ends the JVM.
     *
     * @param arguments a command and its options
     */
    public static void main(String[] arguments) {
        LogFormat.install(Level.WARNING);
        // Picocli's default writer hides write errors from checkError().
        Charset charset = Charset.defaultCharset();
        PrintWriter out = new PrintWriter(System.out, true, charset);
        System.exit(run(out, new PrintWriter(System.err, true, charset), arguments));
    }

    /**
     * Runs one command. Reports each failure in one line.
     *
     * @return the exit status
     */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        Command named = arguments.length == 0 ? null : command(arguments[0]);
        List<String> all = Arrays.asList(arguments);
        if (named != null) { // alone, because it then starts faster
            named.spec().name(NAME + ' ' + named.name());
        }
        return (named == null ? whole() : named.commandLine())
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler(Main::refuse)
                .setExecutionExceptionHandler(Main::fail)
                .execute(all.subList(named == null ? 0 : 1, all.size()).toArray(new String[0]));
    }

    /** Returns the command line with all commands, for its help. */
    private static CommandLine whole() {
        CommandLine line = new Main().commandLine();
        for (String name : COMMANDS) {
            Command command = command(name);
            if (command != null) {
                command.spec().usageMessage().hidden(name.equals(REHEARSE));
                line.addSubcommand(name, command.commandLine());
            }
        }
        return line;
    }

    private static @Nullable Command command(String name) {
        return switch (name) {
            case "backends" -> new BackendsCommand();
            case "time-server" -> new TimeServerCommand();
            case "echo-server" -> new EchoServerCommand();
            case "fiber-time" -> new FiberTimeCommand();
            case "fiber-echo" -> new FiberEchoCommand();
            case "tail" -> new TailCommand();
            case "stdin" -> new StdinCommand();
            case "run" -> new RunCommand();
            case "top" -> new TopCommand();
            case REHEARSE -> new RehearseCommand();
            default -> null;
        };
    }

    @Override
    public Integer call() {
        spec().commandLine().usage(err());
        return CommandLine.ExitCode.USAGE;
    }

    private static int refuse(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        report(
                command,
                failure instanceof UnmatchedArgumentException unmatched
                        ? "unknown command or option '" + unmatched.getUnmatched().get(0) + "'"
                        : failure.getMessage());
        command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return CommandLine.ExitCode.USAGE;
    }

    private static int fail(Exception failure, CommandLine command, ParseResult parsed) {
        if (failure instanceof PollerUnavailableException) {
            report(command, failure.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
        if (failure instanceof IOException) {
            report(command, failure.getMessage());
        } else {
            failure.printStackTrace(command.getErr());
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static void report(CommandLine command, @Nullable String message) {
        PrintWriter err = command.getErr();
        String shown = message == null ? "unknown failure" : Text.harmlessLines(message);
        err.println(command.getCommandSpec().qualifiedName() + ": " + shown);
    }

    /** Reads the version from the jar's manifest. */
    private static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"uloop " + (version == null ? "(not packaged)" : version)};
        }
    }
}
