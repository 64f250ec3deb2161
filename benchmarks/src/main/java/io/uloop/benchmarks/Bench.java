package io.uloop.benchmarks;

import io.uloop.benchmarks.echo.EchoCommand;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The {@code uloop bench} command line. */
@Command(
        name = "uloop bench",
        synopsisHeading = "%nUsage: ",
        header = "Compares Uloop with C, NIO and Netty on this machine.",
        subcommands = EchoCommand.class,
        synopsisSubcommandLabel = "COMMAND",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        footer = "%nRun 'uloop bench COMMAND --help' for details of a command.")
public final class Bench implements Callable<Integer> {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    boolean help;

    @Spec private @Nullable CommandSpec spec;

    private Bench() {}

    /**
     * Runs one command and ends the JVM.
     *
     * @param arguments a command and its options
     */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** Returns the command line, which reports each failure in one line. */
    static CommandLine commandLine() {
        return new CommandLine(new Bench())
                .setParameterExceptionHandler(Bench::refuse)
                .setExecutionExceptionHandler(Bench::fail);
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
