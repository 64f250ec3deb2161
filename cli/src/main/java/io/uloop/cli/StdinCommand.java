package io.uloop.cli;

import io.uloop.Uloop;
import io.uloop.source.InputHandler;
import io.uloop.source.StandardInput;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Counts standard input. */
@Command(
        name = "stdin",
        synopsisHeading = "%nUsage: ",
        header = "Counts the lines and bytes of standard input.",
        description =
                "%nStandard input may be a terminal, a pipe, a socket or a file. At a terminal,"
                        + " press Ctrl-D at the start of a line to end the input. Ctrl-C prints the"
                        + " count so far.",
        optionListHeading = "%nOptions:%n",
        sortOptions = false,
        footer = {
            "%nTry it:",
            "  uloop stdin                              then type, and press Ctrl-D",
            "  seq 1000000 | uloop stdin --progress",
            "  uloop stdin < README.md"
        })
final class StdinCommand implements Callable<Integer> {
    private static final Duration PROGRESS_PERIOD = Duration.ofSeconds(1);

    @Option(
            names = "--progress",
            description = "Print the count so far to standard error every second.")
    private boolean progress;

    @Mixin private BackendOption backend = new BackendOption();

    @Mixin HelpOption help = new HelpOption();

    @Override
    public Integer call() throws IOException {
        CommandLine command = help.command();
        PrintWriter err = command.getErr();
        CountDownLatch ended = new CountDownLatch(1);
        try (Uloop loop = backend.loop().alwaysReadyFiles(true).build()) {
            Count count = new Count(loop);
            ServerOptions.stopOnShutdown(loop, ended);
            if (progress) {
                loop.addPeriodic(PROGRESS_PERIOD, () -> err.println(count));
            }
            StandardInput stdin = StandardInput.open(loop, count);
            try {
                loop.run();
            } finally {
                stdin.close();
            }
            command.getOut().println(count);
            count.check();
        } finally {
            ended.countDown();
        }
        return CommandLine.ExitCode.OK;
    }

    /** Counts lines and bytes until the end of the input. */
    private static final class Count implements InputHandler {
        private final Uloop loop;
        private long lines;
        private long bytes;
        private @Nullable IOException failure;

        Count(Uloop loop) {
            this.loop = loop;
        }

        @Override
        public void received(ByteBuffer data) {
            bytes += data.remaining();
            while (data.hasRemaining()) {
                if (data.get() == '\n') {
                    lines++;
                }
            }
        }

        @Override
        public void ended() {
            loop.stop();
        }

        @Override
        public void failed(IOException reason) {
            failure = reason;
            loop.stop();
        }

        void check() throws IOException {
            if (failure != null) {
                throw failure;
            }
        }

        @Override
        public String toString() {
            return plural(lines, "line") + ", " + plural(bytes, "byte");
        }

        private static String plural(long number, String thing) {
            return number + " " + thing + (number == 1 ? "" : "s");
        }
    }
}
