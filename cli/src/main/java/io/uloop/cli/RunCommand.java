package io.uloop.cli;

import io.uloop.Uloop;
import io.uloop.poller.Errno;
import io.uloop.poller.PollerException;
import io.uloop.process.ChildProcess;
import io.uloop.process.Signals;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Runs a command as a child process. */
final class RunCommand extends Command {
    private static final List<String> PASSED_ON = List.of("TERM", "INT", "HUP");
    private static final int CANNOT_START = 127;

    /** How long output is read at least after the command ends. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    /** The pause in the output, from then on, that means that the command has left no more. */
    private static final Duration PAUSE = Duration.ofMillis(100);

    /** What the command can leave in both pipes, each of which holds 1 MiB at most. */
    private static final long MOST_LEFT = 2 << 20;

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

    /**
     * Stops the loop when the child and both outputs have ended. If another process holds an output
     * open, stops it when everything that the child has left there is read.
     */
    private static final class Supervision {
        private static final int OUTPUTS = 2;

        private final Uloop loop;
        private final List<LineMarker> outputs = new ArrayList<>(OUTPUTS);
        private int endedOutputs;
        private int status = -1;
        private long bytesAtExit;
        private @Nullable Process child;

        Supervision(Uloop loop) {
            this.loop = loop;
        }

        LineMarker marker(String mark, PrintWriter target) {
            LineMarker output = new LineMarker(mark, target, this::outputEnded, this::outputLost);
            outputs.add(output);
            return output;
        }

        void exited(Process process, int code) {
            status = code;
            bytesAtExit = bytes();
            loop.callLater(LINGER, () -> stopWhenQuiet(-1));
            stopWhenOver();
        }

        private long bytes() {
            return outputs.stream().mapToLong(LineMarker::bytes).sum();
        }

        private void stopWhenQuiet(long before) {
            long now = bytes();
            if (now == before || now - bytesAtExit > MOST_LEFT) {
                loop.stop();
            } else {
                loop.callLater(PAUSE, () -> stopWhenQuiet(now));
            }
        }

        void send(String signal) throws IOException {
            if (child == null || !child.isAlive()) {
                return;
            }
            try {
                Signals.send(loop, child.pid(), signal);
            } catch (UnsupportedOperationException e) { // the backend is select
                kill(child.pid(), signal);
            } catch (PollerException e) {
                if (e.errno() != Errno.ESRCH) { // otherwise it has just ended
                    throw e;
                }
            }
        }

        /** Sends a signal with kill(1), whose only usual complaint is that the child has ended. */
        private static void kill(long pid, String signal) throws IOException {
            new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD)
                    .start();
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
