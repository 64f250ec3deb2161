package io.uloop.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The {@code stdin} command in a separate JVM. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.uloop.poller.tck.Backends#names")
@ExtendWith(NoDescriptorLeak.class)
class StdinProgramTest {
    private static final int SIGTERM = 15;

    private final String backend;

    @TempDir private Path directory;

    StdinProgramTest(String backend) {
        this.backend = backend;
    }

    private ProcessBuilder stdin(String... options) {
        ProcessBuilder program = Processes.uloop("stdin", "--backend", backend);
        program.command().addAll(List.of(options));
        return program;
    }

    @Test
    void countsAPipe() throws Exception {
        try (DemoProcess program = new DemoProcess(stdin())) {
            byte[] lines = "hello\n".repeat(100_000).getBytes(US_ASCII);
            program.input().write(lines);
            program.input().close();
            assertThat(program.status()).isZero();
            assertThat(program.output()).isEqualTo("100000 lines, 600000 bytes\n");
            assertThat(program.errors()).isEmpty();
        }
    }

    @Test
    void countsAFile() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "one\n");
        assertCounts(file, "1 line, 4 bytes\n");
        assertCounts(Path.of("/dev/null"), "0 lines, 0 bytes\n");
    }

    private void assertCounts(Path file, String count) throws IOException, InterruptedException {
        try (DemoProcess program = new DemoProcess(stdin().redirectInput(file.toFile()))) {
            assertThat(program.status()).isZero();
            assertThat(program.output()).isEqualTo(count);
            assertThat(program.errors()).isEmpty();
        }
    }

    @Test
    void printsProgressAndTheCountOnTerm() throws Exception {
        try (DemoProcess program = new DemoProcess(stdin("--progress"))) {
            program.awaitError("0 lines, 0 bytes\n");
            program.input().write("a\nb".getBytes(US_ASCII));
            program.input().flush();
            program.awaitError("1 line, 3 bytes\n");
            assertThat(program.endBy("TERM")).isEqualTo(128 + SIGTERM);
            assertThat(program.output()).isEqualTo("1 line, 3 bytes\n");
        }
    }
}
