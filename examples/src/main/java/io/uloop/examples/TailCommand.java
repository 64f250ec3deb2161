package io.uloop.examples;

import io.uloop.Uloop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Follows files. */
@Command(
        name = "tail",
        synopsisHeading = "%nUsage: ",
        header = "Prints the last lines of files, then what is appended to them.",
        description =
                "%nA file is followed by its name: when another one takes its place it is read on"
                        + " from there, a truncated one from its start, and one that is missing"
                        + " is waited for. Ctrl-C ends it.",
        parameterListHeading = "%nFiles:%n",
        optionListHeading = "%nOptions:%n",
        sortOptions = false,
        footer = {"%nTry it:", "  uloop tail /var/log/syslog"})
final class TailCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "FILE", description = "What to follow.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "N",
            converter = Lines.class,
            description = "Lines to begin with (default: ${DEFAULT-VALUE}).")
    private int lines = 10;

    @Mixin private BackendOption backend = new BackendOption();

    @Mixin HelpOption help = new HelpOption();

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        CommandLine command = Objects.requireNonNull(spec).commandLine();
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

    /** Takes the numbers of lines that can be asked for. */
    static final class Lines implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            try {
                int lines = Integer.parseInt(value);
                if (lines >= 0) {
                    return lines;
                }
            } catch (NumberFormatException e) {
                // No number of lines either.
            }
            throw new TypeConversionException(
                    "'" + value + "' is not a number of lines; it is 0 or more");
        }
    }
}
