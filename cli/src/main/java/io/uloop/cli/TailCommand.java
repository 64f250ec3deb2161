package io.uloop.cli;

import io.uloop.Uloop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.TypeConversionException;

/** Follows files. */
final class TailCommand extends Command {
    private final PositionalParamSpec files =
            PositionalParamSpec.builder()
                    .paramLabel("FILE")
                    .arity("1..*")
                    .required(true)
                    .type(List.class)
                    .auxiliaryTypes(Path.class)
                    .description("Files to follow.")
                    .build();

    private final OptionSpec lines =
            add(
                    OptionSpec.builder("-n", "--lines")
                            .paramLabel("N")
                            .type(int.class)
                            .converters(new Lines())
                            .defaultValue("10")
                            .description(
                                    "Number of last lines to print first (default:"
                                            + " ${DEFAULT-VALUE})."));

    private final BackendOption backend = new BackendOption(this);

    TailCommand() {
        super(
                "tail",
                "Prints the last lines of files, then follows what is appended.",
                "Files are followed by name. If another file takes the name, tail continues with"
                        + " that file. If a file is truncated, tail reads it from the start. It"
                        + " compares sizes, so like GNU tail it misses that a file was rewritten in"
                        + " place to at least its former size. If a file is missing, tail waits for it."
                        + " Press Ctrl-C to stop.",
                "%nTry it:",
                "  uloop tail /var/log/syslog");
        spec().addPositional(files);
        spec().usageMessage().parameterListHeading("%nFiles:%n");
    }

    @Override
    public Integer call() throws IOException {
        CountDownLatch ended = new CountDownLatch(1);
        try (Uloop loop = backend.loop().build();
                Tail tail = Tail.open(loop, this)) {
            ServerOptions.stopOnShutdown(loop, ended);
            tail.follow(files.getValue(), lines.<Integer>getValue());
            loop.run();
            tail.check();
        } finally {
            ended.countDown();
        }
        return CommandLine.ExitCode.OK;
    }

    /** Converts a number of lines, 0 or more. */
    private static final class Lines implements ITypeConverter<Integer> {
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
