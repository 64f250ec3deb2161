package io.uloop.cli;

import picocli.CommandLine.Option;

/** The {@code --help} option, shared by every command. */
final class HelpOption {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    boolean shown;
}
