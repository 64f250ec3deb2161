package io.uloop.cli;

import io.uloop.Uloop;
import io.uloop.process.ChildProcess;
import io.uloop.process.Signals;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Runs a command as a child process. */
final class RunCommand extends Command {
    private static final List<String> PASSED_ON = List.of("TERM", "INT", "HUP");
    private static final int CANNOT_START = 127;

    /** How long output is still read after the command ends, if another process holds it open. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private final PositionalParamSpec words =
            PositionalParamSpec.builder()
                    .paramLabel("COMMAND")
                    .arity("1..*")
                    .required(true)
                    .type(List.class)
                    .auxiliaryTypes(String.class)
                    .description("The command and its arguments.")
                    .build();

    private final BackendOption backend = new BackendOption(this);

    RunCommand() {
        super(
                "run",
                "Runs a command and prefixes every line of its output.",
                "Lines from standard output are prefixed with 'out| ', lines from standard error"
                        + " with 'err| '. TERM, INT and HUP are forwarded to the command. It receives"
                        + " PIPE when the reader of the lines has gone. The exit status is that of the"
                        + " command: 128 + N if signal N ended it, 127 if it cannot be started.",
                "%nTry it:",
                "  uloop run -- sh -c 'echo one; echo two >&2; exit 3'",
                "  uloop run -- sleep 100                   then press Ctrl-C");
        spec().addPositional(words);
        spec().usageMessage()
                .customSynopsis("uloop run [-h] [--backend=NAME] -- COMMAND [ARG...]")
                .parameterListHeading("%nCommand:%n");
    }

    @Override
    public Integer call() throws IOException {
        List<String> line = words.getValue();
        PrintWriter err = err();
        try (Uloop loop = backend.loop().build()) {
            Supervision supervision = new Supervision(loop);
            LineMarker out = supervision.marker("out| ", out());
            LineMarker errors = supervision.marker("err| ", err);
            ProcessBuilder builder = new ProcessBuilder(line).redirectInput(Redirect.INHERIT);
            for (String signal : PASSED_ON) {
                Signals.on(
                        loop, signal, supervision::send); // runs on the loop, when the child exists
            }
            ChildProcess child;
            try {
                child = ChildProcess.start(loop, builder, out, errors, supervision::exited);
            } catch (IOException e) {
                err.println("uloop run: " + e.getMessage());
                return CANNOT_START;
            }
            try (child) {
                supervision.child = child.process();
                loop.run();
            }
            out.flush();
            errors.flush();
            err.println(line.get(0) + " " + describe(supervision.status));
            return supervision.status;
        }
    }

    private static String describe(int status) {
        String meaning = status > 128 ? ", which is 128 + signal " + (status - 128) : "";
        return "exited with status " + status + meaning;
    }

    /** Stops the loop when the child and both outputs have ended, or {@link #LINGER} later. */
    private static final class Supervision {
        private static final int OUTPUTS = 2;

        private final Uloop loop;
        private int endedOutputs;
        private int status = -1;
        private @Nullable Process child;

        Supervision(Uloop loop) {
            this.loop = loop;
        }

        LineMarker marker(String mark, PrintWriter target) {
            return new LineMarker(mark, target, this::outputEnded, this::outputLost);
        }

        void exited(Process process, int code) {
            status = code;
            loop.callLater(LINGER, loop::stop);
            stopWhenOver();
        }

        /** Sends a signal with kill(1), as {@link Process} can send only TERM and KILL. */
        void send(String signal) throws IOException {
            if (child != null && child.isAlive()) {
                String pid = Long.toString(child.pid());
                new ProcessBuilder("kill", "-" + signal, pid).inheritIO().start();
            }
        }

        void outputEnded() {
            endedOutputs++;
            stopWhenOver();
        }

        /** Sends PIPE, as the kernel would if the command wrote to that output itself. */
        private void outputLost() {
            try {
                send("PIPE");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void stopWhenOver() {
            if (status >= 0 && endedOutputs == OUTPUTS) {
                loop.stop();
            }
        }
    }
}
