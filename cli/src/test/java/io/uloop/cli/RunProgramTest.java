package io.uloop.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.uloop.poller.tck.ChildJava;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The {@code run} command in a separate JVM. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.uloop.poller.tck.Backends#names")
@ExtendWith(NoDescriptorLeak.class)
class RunProgramTest {
    private final String backend;

    RunProgramTest(String backend) {
        this.backend = backend;
    }

    @Test
    void prefixesLinesAndReturnsTheStatusOfTheCommand() throws Exception {
        try (DemoProcess program =
                new DemoProcess(run("echo one; echo two >&2; printf x; exit 3"))) {
            assertThat(program.status()).isEqualTo(3);
            assertThat(program.output()).isEqualTo("out| one\nout| x\n");
            assertThat(program.errors()).isEqualTo("err| two\nsh exited with status 3\n");
        }
    }

    @Test
    void passesStandardInputToTheCommand() throws Exception {
        try (DemoProcess program = new DemoProcess(run("read line; echo \"<$line>\""))) {
            program.input().write("hello\n".getBytes(US_ASCII));
            program.input().close();
            assertThat(program.status()).isZero();
            assertThat(program.output()).isEqualTo("out| <hello>\n");
        }
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "INT, 130", "HUP, 129"})
    void forwardsSignals(String signal, int status) throws Exception {
        String script = "trap 'echo got; trap - " + signal + "; kill -" + signal + " $$' " + signal;
        try (DemoProcess program =
                new DemoProcess(run(script + "; echo ready; while :; do sleep 0.05; done"))) {
            program.awaitOutput("out| ready\n");
            assertThat(program.endBy(signal)).isEqualTo(status);
            assertThat(program.output()).isEqualTo("out| ready\nout| got\n");
            assertThat(program.errors())
                    .contains("exited with status " + status + ", which is 128 + signal ");
        }
    }

    @Test
    void lostOutputEndsTheCommandLikeAPipeline() throws Exception {
        ProcessBuilder pipeline = run("exec yes");
        pipeline.command().addAll(0, List.of("sh", "-c", "\"$@\" | head -n 1", "sh"));
        try (DemoProcess program = new DemoProcess(pipeline)) {
            assertThat(program.status()).isZero();
            assertThat(program.output()).isEqualTo("out| y\n");
            assertThat(program.errors())
                    .isEqualTo("sh exited with status 141, which is 128 + signal 13\n");
        }
    }

    @Test
    void endsWhileAGrandchildHoldsTheOutput() throws Exception {
        try (DemoProcess program = new DemoProcess(run("sleep 1000 & echo $!"))) {
            assertThat(program.status()).isZero();
            assertThat(program.output()).matches("out\\| \\d+\n");
            String pid = program.output().substring("out| ".length()).strip();
            ProcessHandle grandchild = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
            assertThat(grandchild.destroyForcibly()).as("grandchild outlived the command").isTrue();
        }
    }

    @Test
    void slowReaderGetsWhatTheCommandHasLeftInThePipe() throws Exception {
        int lines = 175; // of 1000 bytes: more than fits into the pipe and the program
        ProcessBuilder program = run("exec seq -f %0999.0f " + lines);
        Process process = program.redirectError(Redirect.DISCARD).start();
        try (InputStream output = process.getInputStream()) {
            byte[] some = output.readNBytes(64 * 1024);
            await().atMost(ChildJava.DEADLINE)
                    .until(() -> process.descendants().findAny().isEmpty());
            // The sleep is what is tested: a reader that reads nothing for more than the second
            // for which the program waits after the end of the command.
            Thread.sleep(1_200);
            byte[] rest = output.readAllBytes();
            assertThat(some.length + rest.length).isEqualTo(lines * ("out| ".length() + 1000));
            assertThat(process.waitFor()).isZero();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void missingCommandExitsWith127() throws Exception {
        ProcessBuilder missing = Processes.uloop("run", "--backend", backend, "--", "/no/such");
        try (DemoProcess program = new DemoProcess(missing)) {
            assertThat(program.status()).isEqualTo(127);
            assertThat(program.errors()).contains("uloop run: ", "/no/such", "No such file");
        }
    }

    private ProcessBuilder run(String script) {
        ProcessBuilder program = Processes.uloop("run", "--backend", backend, "--");
        program.command().addAll(List.of("sh", "-c", script));
        return program;
    }
}
