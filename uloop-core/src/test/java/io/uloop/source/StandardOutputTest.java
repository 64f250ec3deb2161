package io.uloop.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.ChildJava;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests each kind of standard output in a separate process. */
class StandardOutputTest extends EachSource {
    private static final int LINES = 40_000; // more than a pipe holds, and a thread's buffer

    @TempDir private Path directory;

    private ProcessBuilder program(int lines) {
        return ChildJava.of(OutputProgram.class, provider.name(), "" + lines).builder();
    }

    private Process launch(ProcessBuilder program) throws IOException {
        Process process = program.start();
        closing(
                () -> {
                    process.destroyForcibly().waitFor();
                    process.getInputStream().close();
                    process.getErrorStream().close();
                    process.getOutputStream().close();
                });
        return process;
    }

    private static void assertLines(List<String> lines, int count) {
        assertThat(lines).hasSize(count);
        for (int i = 0; i < count; i++) {
            assertThat(lines.get(i)).isEqualTo(String.format("line %08d", i));
        }
    }

    @Test
    void slowReaderOfAPipeHoldsTheWriterButNotTheLoop() throws Exception {
        Process program = launch(program(LINES));
        try (BufferedReader errors = program.errorReader()) {
            assertThat(errors.readLine()).isEqualTo("terminal false");
            for (int ticks = 0; ticks < 10; ticks++) { // nobody reads the output meanwhile
                assertThat(errors.readLine()).isEqualTo("tick");
            }
            List<String> lines;
            if (provider.name().equals("select")) {
                lines = program.inputReader().lines().limit(LINES).toList();
                program.destroy(); // what the thread has not copied would be lost at the exit
            } else {
                lines = program.inputReader().lines().toList();
                assertThat(errors.lines()).anyMatch(line -> line.matches("waits [1-9]\\d*"));
                assertThat(status(program)).isZero();
            }
            assertLines(lines, LINES);
        }
    }

    @Test
    void modeOfThePipeDoesNotChange() throws Exception {
        assumeNative();
        Process program = launch(program(LINES));
        try (BufferedReader errors = program.errorReader()) {
            for (String line = ""; !line.equals("tick"); line = errors.readLine()) {
                assertThat(line).isNotNull();
            }
            Path info = Path.of("/proc/" + program.pid() + "/fdinfo/1");
            if (Files.exists(info)) {
                String flags = Files.readString(info).replaceAll("(?s).*flags:\\s*(\\d+).*", "$1");
                assertThat(Integer.parseInt(flags, 8) & 04000).as("O_NONBLOCK").isZero();
            }
            assertLines(program.inputReader().lines().toList(), LINES);
        }
    }

    @Test
    void fileAndNullNeverBlock() throws Exception {
        assumeNative();
        Path file = directory.resolve("out");
        Files.writeString(file, "before\n");
        assertThat(run(program(LINES).redirectOutput(ProcessBuilder.Redirect.appendTo(file(file)))))
                .contains("waits 0");
        List<String> lines = Files.readAllLines(file);
        assertThat(lines.get(0)).isEqualTo("before");
        assertLines(lines.subList(1, lines.size()), LINES);
        assertThat(run(program(LINES).redirectOutput(new File("/dev/null")))).contains("waits 0");
    }

    private static File file(Path path) {
        return path.toFile();
    }

    private String run(ProcessBuilder builder) throws Exception {
        Process program = launch(builder);
        byte[] errors = program.getErrorStream().readAllBytes();
        assertThat(status(program)).isZero();
        return new String(errors, StandardCharsets.US_ASCII);
    }

    @Test
    void terminalGetsEveryLine() throws Exception {
        assumeNative();
        Pty pty = closing(Pty.open(loop, received));
        Process program =
                launch(
                        program(2000)
                                .redirectOutput(pty.slave().toFile())
                                .redirectError(directory.resolve("errors").toFile()));
        runUntilProgram(() -> received.text.toString().contains("line 00001999"));
        assertThat(status(program)).isZero();
        assertLines(received.text.toString().lines().toList(), 2000);
        assertThat(Files.readString(directory.resolve("errors"))).contains("terminal true");
    }

    @Test
    void missingReaderFailsTheWrite() throws Exception {
        Process program = launch(program(LINES));
        program.getInputStream().close();
        byte[] errors = program.getErrorStream().readAllBytes();
        assertThat(new String(errors, StandardCharsets.US_ASCII)).contains("EPIPE");
        assertThat(status(program)).isZero();
    }
}
