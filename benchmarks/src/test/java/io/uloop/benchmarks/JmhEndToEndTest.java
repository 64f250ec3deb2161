package io.uloop.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.uloop.benchmarks.report.Answer;
import io.uloop.benchmarks.report.Results;
import io.uloop.benchmarks.report.Row;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.generators.BenchmarkProcessor;

/** Runs the whole command in a process: with forks of JMH, a page, and a real signal. */
final class JmhEndToEndTest {
    @TempDir private static Path classes;

    @TempDir private Path output;

    @BeforeAll
    static void compile() throws IOException {
        Path source = Files.writeString(classes.resolve("Tiny.java"), JmhProgram.SOURCE);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavaCompiler.CompilationTask task =
                    compiler.getTask(
                            messages,
                            files,
                            null,
                            List.of("-d", classes.toString(), "-cp", classPath()),
                            null,
                            files.getJavaFileObjects(source));
            task.setProcessors(List.of(new BenchmarkProcessor()));
            assertThat(task.call()).as(messages.toString()).isTrue();
        }
    }

    @Test
    void quickRunWritesResultsAndPage() throws Exception {
        Process process = start(List.of(), "--quick", "--output", output.toString());

        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(text).isZero();

        Results results = Results.read(output.resolve("results.json"));
        assertThat(results.complete()).isTrue();
        Answer answer = results.answers().get(0);
        assertThat(answer.rows()).hasSize(1);
        Row row = answer.rows().get(0);
        assertThat(row.contender()).isEqualTo("epoll");
        assertThat(row.parameters()).containsOnlyKeys("count").containsEntry("count", "1");
        assertThat(row.bytesPerOperation()).isBetween(15.0, 26.0); // an array of one byte
        assertThat(row.low()).isLessThanOrEqualTo(row.score());
        assertThat(answer.notes())
                .containsExactly(
                        "absent: not here",
                        "broken, count 1: java.lang.IllegalStateException: broken on purpose");
        assertThat(output.resolve("index.html")).content().contains("Tiny", "image/svg+xml");
        assertThat(output.resolve("bench.log")).content().contains("epoll, count 1: ");
        assertThat(text)
                .contains("Tiny: ns, less is better")
                .contains("[1/1] tiny: epoll, count 1, about ")
                .contains("Charts: ");
    }

    @Test
    void interruptKeepsWhatIsDoneAndEndsTheFork() throws Exception {
        List<String> prefix = List.of("env", "--default-signal=INT");
        assumeThat(succeeds("env", "--default-signal=INT", "true")).isTrue();
        Process process = start(prefix, "--full", "--output", output.toString());
        List<String> lines = new ArrayList<>();
        List<ProcessHandle> forks = new ArrayList<>();
        try (BufferedReader reader = process.inputReader()) {
            String line = reader.readLine();
            while (line != null) {
                lines.add(line);
                if (line.contains("count 10, round 1") && forks.isEmpty()) {
                    await().until(() -> process.descendants().findAny().isPresent());
                    process.descendants().forEach(forks::add);
                    assertThat(succeeds("kill", "-INT", Long.toString(process.pid()))).isTrue();
                }
                line = reader.readLine();
            }
        }

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(String.join("\n", lines)).isEqualTo(130);
        Results results = Results.read(output.resolve("results.json"));
        assertThat(results.complete()).isFalse();
        assertThat(results.answers().get(0).rows())
                .singleElement()
                .satisfies(row -> assertThat(row.parameters()).containsEntry("count", "1"));
        assertThat(output.resolve("index.html")).content().contains("stopped before the end");
        for (ProcessHandle fork : forks) {
            fork.onExit().get(20, TimeUnit.SECONDS);
        }
        assertThat(forks).noneMatch(ProcessHandle::isAlive);
    }

    private Process start(List<String> prefix, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(
                List.of(
                        "-XX:TieredStopAtLevel=1",
                        "-Djmh.ignoreLock=true",
                        "-cp",
                        classes + System.getProperty("path.separator") + classPath(),
                        JmhProgram.class.getName()));
        command.addAll(Arrays.asList(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static boolean succeeds(String... command) throws Exception {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException e) {
            return false; // no such command
        }
    }

    private static String classPath() {
        return Objects.requireNonNull(System.getProperty("java.class.path"));
    }
}
