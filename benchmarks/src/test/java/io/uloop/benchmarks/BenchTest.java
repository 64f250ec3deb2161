package io.uloop.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.benchmarks.report.Results;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class BenchTest {
    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void helpHasExamplesAndNamesTheDetailedCommand() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString())
                .contains("uloop bench poll timers", "--quick", "--compare", "--output=DIR")
                .contains("uloop-bench/index.html", "Ctrl-C", "uloop bench servers --help");
    }

    @Test
    void unknownQuestionIsRefusedWithAllNames() {
        assertThat(run("pol")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString())
                .contains("unknown question 'pol'; choose from poll, timers, echo, broken");
    }

    @Test
    void quickAndFullExcludeEachOther() {
        assertThat(run("--quick", "--full")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("--quick", "--full", "mutually exclusive");
    }

    @Test
    void listMarksWhatRunsByDefault() {
        assertThat(run("--list")).isZero();
        assertThat(out.toString())
                .contains("* poll      3 min  summary of poll")
                .contains("  echo      3 min  summary of echo");
        assertThat(run("--list", "--quick")).isZero();
        assertThat(out.toString()).contains("* timers      1 s  summary of timers");
    }

    @Test
    void namedQuestionsAreMeasured() throws Exception {
        assertThat(run("echo", "poll", "echo", "--output", folder.toString())).isZero();

        assertThat(titles(folder)).containsExactly("Title of echo", "Title of poll");
        assertThat(folder.resolve("index.html")).content().contains("Title of poll");
        assertThat(folder.resolve("charts/poll-light.svg")).exists();
        assertThat(out.toString()).contains("Title of echo: ns, less is better");
        assertThat(err.toString())
                .contains("Measuring echo, poll: about 7 min")
                .contains("[2/2] poll: step of normal")
                .contains("Charts: " + folder.resolve("index.html"));
    }

    @Test
    void studyThatCannotRunIsSkippedWithItsReason() throws Exception {
        assertThat(run("broken", "poll", "--quick", "--output", folder.toString())).isZero();

        Results results = Results.read(folder.resolve("results.json"));
        assertThat(results.notes()).containsExactly("broken: needs a kernel; install one");
        assertThat(results.answers()).hasSize(1);
        assertThat(out.toString()).contains("broken: needs a kernel; install one");
    }

    @Test
    void runThatMeasuresNothingFails() {
        assertThat(run("broken", "--output", folder.toString()))
                .isEqualTo(CommandLine.ExitCode.SOFTWARE);
    }

    @Test
    void compareShowsWhatChanged() {
        Path before = folder.resolve("before");
        Path after = folder.resolve("after");
        run(List.of(new FixedStudy("poll", true, 100)), "--output", before.toString());
        run(List.of(new FixedStudy("poll", true, 150)), "--output", after.toString());
        out.getBuffer().setLength(0);

        int code =
                run(
                        "--compare",
                        before.resolve("results.json").toString(),
                        after.resolve("results.json").toString());

        assertThat(code).as(err.toString()).isZero();
        assertThat(out.toString()).containsPattern("epoll +100 +150 +\\+50\\.0 % +worse");
    }

    @Test
    void missingFileIsReportedInOneLine() {
        assertThat(run("--draw", folder.resolve("none.json").toString())).isEqualTo(1);
        assertThat(err.toString().lines()).singleElement().asString().contains("none.json");
    }

    private static List<String> titles(Path folder) throws Exception {
        return Results.read(folder.resolve("results.json")).answers().stream()
                .map(answer -> answer.question().title())
                .toList();
    }

    private int run(String... arguments) {
        return run(
                List.of(
                        new FixedStudy("poll", true, 100),
                        new FixedStudy("timers", true, 200),
                        new FixedStudy("echo", false, 300),
                        new FixedStudy("broken", false, -1)),
                arguments);
    }

    private int run(List<FixedStudy> studies, String... arguments) {
        return Bench.commandLine(List.copyOf(studies))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
