package io.uloop.cli;

import io.uloop.Uloop;
import io.uloop.source.InputHandler;
import io.uloop.source.StandardInput;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Counts standard input. */
final class StdinCommand extends Command {
    private static final Duration PROGRESS_PERIOD = Duration.ofSeconds(1);

    private final OptionSpec progress =
            addFlag("Print the count so far to standard error every second.", "--progress");

    private final BackendOption backend = new BackendOption(this);

    StdinCommand() {
        super(
                "stdin",
                "Counts the lines and bytes of standard input.",
                "Standard input may be a terminal, a pipe, a socket or a file. At a terminal, press"
                        + " Ctrl-D at the start of a line to end the input. Ctrl-C prints the count"
                        + " so far.",
                "%nTry it:",
                "  uloop stdin                              then type, and press Ctrl-D",
                "  seq 1000000 | uloop stdin --progress",
                "  uloop stdin < README.md");
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter err = err();
        CountDownLatch ended = new CountDownLatch(1);
        try (Uloop loop = backend.loop().alwaysReadyFiles(true).build()) {
            Count count = new Count(loop);
            ServerOptions.stopOnShutdown(loop, ended);
            if (isGiven(progress)) {
                loop.addPeriodic(PROGRESS_PERIOD, () -> err.println(count));
            }
            StandardInput stdin = StandardInput.open(loop, count);
            try {
                loop.run();
            } finally {
                stdin.close();
            }
            out().println(count);
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
