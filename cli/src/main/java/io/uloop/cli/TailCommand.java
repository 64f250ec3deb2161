package io.uloop.cli;

import io.uloop.Uloop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Follows files. */
@Command(
        name = "tail",
        synopsisHeading = "%nUsage: ",
        header = "Prints the last lines of files, then follows what is appended.",
        description =
                "%nFiles are followed by name. If another file takes the name, tail continues with"
                        + " that file. If a file is truncated, tail reads it from the start. If a"
                        + " file is missing, tail waits for it. Press Ctrl-C to stop.",
        parameterListHeading = "%nFiles:%n",
        optionListHeading = "%nOptions:%n",
        sortOptions = false,
        footer = {"%nTry it:", "  uloop tail /var/log/syslog"})
final class TailCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Files to follow.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "N",
            converter = Lines.class,
            description = "Number of last lines to print first (default: ${DEFAULT-VALUE}).")
    private int lines = 10;

    @Mixin private BackendOption backend = new BackendOption();

    @Mixin HelpOption help = new HelpOption();

    @Override
    public Integer call() throws IOException {
        CommandLine command = help.command();
        CountDownLatch ended = new CountDownLatch(1);
        try (Uloop loop = backend.loop().build();
                Tail tail = Tail.open(loop, command)) {
            ServerOptions.stopOnShutdown(loop, ended);
            tail.follow(files, lines);
            loop.run();
            tail.check();
        } finally {
            ended.countDown();
        }
        return CommandLine.ExitCode.OK;
    }

    /** Converts a number of lines, 0 or more. */
    static final class Lines implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            try {
                int lines = Integer.parseInt(value);
                if (lines >= 0) {
                    return lines;
                }
            } catch (NumberFormatException e) {
                // Reported below, like a negative number.
            }
            throw new TypeConversionException(
                    "'" + value + "' is not a number of lines; use 0 or more");
        }
    }
}
