package io.uloop.cli;

import io.uloop.poller.PollerUnavailableException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code uloop} command line. */
@Command(
        name = "uloop",
        synopsisHeading = "%nUsage: ",
        header = "Servers and tools on Uloop, an event loop over epoll, kqueue, poll and select.",
        subcommands = {
            BackendsCommand.class,
            TimeServerCommand.class,
            EchoServerCommand.class,
            FiberTimeCommand.class,
            FiberEchoCommand.class,
            TailCommand.class,
            StdinCommand.class,
            RunCommand.class,
            TopCommand.class,
            RehearseCommand.class
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        footerHeading = "%n",
        footer = {
            "Run 'uloop COMMAND --help' for details of a command.",
            "",
            "Every command uses the best backend that is usable here, unless --backend,",
            "-Duloop.poller or the environment variable ULOOP_POLLER names another one.",
            "",
            "Run 'uloop bench --help' to compare Uloop with C, NIO and Netty."
        })
public final class Main implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    private Main() {}

    /**
     * Runs one command and ends the JVM.
     *
     * @param arguments a command and its options
     */
    public static void main(String[] arguments) {
        LogFormat.install(Level.WARNING);
        // Picocli's default writer hides write errors from checkError().
        PrintWriter out = new PrintWriter(System.out, true, Charset.defaultCharset());
        System.exit(commandLine().setOut(out).execute(arguments));
    }

    /** Returns the command line, which reports each failure in one line. */
    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setParameterExceptionHandler(Main::refuse)
                .setExecutionExceptionHandler(Main::fail);
    }

    @Override
    public Integer call() {
        if (spec != null) {
            spec.commandLine().usage(spec.commandLine().getErr());
        }
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
        err.println(command.getCommandSpec().qualifiedName() + ": " + message);
    }

    /** Reads the version from the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"uloop " + (version == null ? "(not packaged)" : version)};
        }
    }
}
