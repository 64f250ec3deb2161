package io.uloop.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The {@code --help} option, shared by every command, and the command that has it. */
final class HelpOption {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    boolean shown;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    /** {@return the command of this option} */
    CommandLine command() {
        return Objects.requireNonNull(spec).commandLine();
    }
}
