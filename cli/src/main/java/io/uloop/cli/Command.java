package io.uloop.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * A command: its options, its help, and what it does. Commands declare their options by objects
 * instead of annotations, because picocli reads those by reflection, which takes longer than
 * everything else that it does at the start. Not thread-safe.
 */
abstract class Command implements Callable<Integer> {
    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);
    private final String name;

    /**
     * @param name the word that calls it
     * @param header one sentence
     * @param description a paragraph, which may be empty
     * @param footer lines of examples
     */
    Command(String name, String header, String description, String... footer) {
        this.name = name;
        spec.name(name);
        spec.usageMessage()
                .synopsisHeading("%nUsage: ")
                .header(header)
                .description(
                        description.isEmpty() ? new String[0] : new String[] {"%n" + description})
                .optionListHeading("%nOptions:%n")
                .sortOptions(false)
                .footer(footer);
    }

    /** {@return the command line} Adds the option for help, which the help shows at the end. */
    final CommandLine commandLine() {
        spec.addOption(
                OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("Show this help and exit.")
                        .build());
        return new CommandLine(spec);
    }

    final String name() {
        return name;
    }

    final CommandSpec spec() {
        return spec;
    }

    /** Adds an option without a value. */
    final OptionSpec addFlag(String description, String... names) {
        return add(OptionSpec.builder(names).type(boolean.class).description(description));
    }

    /** Adds an option with a text. */
    final OptionSpec addText(String label, String description, String... names) {
        return add(
                OptionSpec.builder(names)
                        .type(String.class)
                        .paramLabel(label)
                        .description(description));
    }

    final OptionSpec add(OptionSpec.Builder builder) {
        OptionSpec option = builder.build();
        spec.addOption(option);
        return option;
    }

    /** {@return whether a flag is given} */
    static boolean isGiven(OptionSpec flag) {
        return Boolean.TRUE.equals(flag.getValue());
    }

    /** {@return the value of an option, or null if it is not given and has no default} */
    static @Nullable String text(OptionSpec option) {
        return option.getValue();
    }

    /** Returns an exception that refuses the command line. */
    final ParameterException refuse(@Nullable String message, Throwable cause) {
        return new ParameterException(spec.commandLine(), message, cause);
    }

    final ParameterException refuse(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /**
     * Runs the command.
     *
     * @return the exit status
     * @throws ParameterException if an option cannot be used
     */
    @Override
    public abstract Integer call() throws IOException, InterruptedException;
}
