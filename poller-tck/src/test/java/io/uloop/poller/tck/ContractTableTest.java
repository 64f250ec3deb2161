package io.uloop.poller.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContractTableTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @TempDir Path one;
    @TempDir Path other;

    @BeforeEach
    void writeCaseLists() throws IOException {
        CaseList.write(one);
        CaseList.write(other);
    }

    @Test
    void runsWithOnlyItsOwnJar() throws Exception {
        Files.writeString(one.resolve("epoll.tsv"), passed());
        Path classes =
                Path.of(
                        ContractTable.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI());
        String output =
                ChildJava.of(ContractTable.class, one.toString())
                        .classPath(List.of(isolated(classes).toString()))
                        .run();
        assertThat(output).contains("Registration", "epoll", "passed, 0 skipped, 0 failed");
    }

    /** Returns a class path with only the classes of this module. */
    private Path isolated(Path classes) throws IOException {
        if (!Files.isDirectory(classes)) {
            return classes;
        }
        Path packages = Path.of("io", "uloop", "poller", "tck");
        Path copy = Files.createDirectories(other.resolve("classes").resolve(packages));
        try (var files = Files.newDirectoryStream(classes.resolve(packages), "*.class")) {
            for (Path file : files) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return other.resolve("classes");
    }

    @Test
    void returnsTrueIfAllCasesPass() throws IOException {
        Files.writeString(one.resolve("epoll.tsv"), passed());
        assertThat(print(one)).isTrue();
        assertThat(table())
                .contains("Registration", "epoll")
                .containsPattern("1   a ready descriptor gives one event +passed")
                .contains("passed, 0 skipped, 0 failed");
    }

    @Test
    void equalReasonsShareANote() throws IOException {
        Files.writeString(
                one.resolve("select.tsv"),
                passed().replace("21\tPASSED\t", "21\tSKIPPED\tthere is no eventfd")
                        .replace("22\tPASSED\t", "22\tSKIPPED\tthere is no eventfd")
                        .replace("23\tPASSED\t", "23\tSKIPPED\tthere is no pty"));
        assertThat(print(one)).isTrue();
        assertThat(table())
                .containsPattern("21  an eventfd .* skipped \\(1\\)")
                .containsPattern("22  timers .* skipped \\(1\\)")
                .containsPattern("23  a pty .* skipped \\(2\\)")
                .containsOnlyOnce("there is no eventfd")
                .contains("(1)  there is no eventfd", "(2)  there is no pty");
    }

    @Test
    void returnsFalseIfACaseFails() throws IOException {
        Files.writeString(
                one.resolve("poll.tsv"), passed().replace("5\tPASSED\t\n", "5\tFAILED\tEIO\n"));
        assertThat(print(one)).isFalse();
        assertThat(table()).contains("FAILED").contains("5    on poll: EIO");
    }

    @Test
    void returnsFalseIfACaseIsMissing() throws IOException {
        Files.writeString(one.resolve("poll.tsv"), passed().replace("7\tPASSED\t\n", ""));
        assertThat(print(one)).isFalse();
        assertThat(table()).contains("MISSING").contains("7    on poll: did not run");
    }

    @Test
    void mergesSeveralDirectories() throws IOException {
        Files.writeString(one.resolve("poll.tsv"), passed());
        Files.writeString(other.resolve("epoll.tsv"), passed());
        assertThat(print(one, other)).isTrue();
        assertThat(table()).containsPattern("Registration +epoll +poll");
    }

    @Test
    void usesTheWorstOutcomeOfACase() throws IOException {
        Files.writeString(one.resolve("poll.tsv"), passed() + "9\tFAILED\tonce\n");
        Files.writeString(other.resolve("poll.tsv"), passed());
        assertThat(print(one, other)).isFalse();
        assertThat(table()).contains("9    on poll: once");
    }

    @Test
    void linesFitInAHundredColumns() throws IOException {
        for (String backend : List.of("epoll", "kqueue", "poll", "select")) {
            Files.writeString(
                    one.resolve(backend + ".tsv"),
                    passed().replace("PASSED\t", "SKIPPED\ta reason of " + "words ".repeat(40)));
        }
        assertThat(print(one)).isTrue();
        assertThat(table().lines()).allMatch(line -> line.length() <= 100);
    }

    @Test
    void returnsFalseWithoutOutcomes() throws IOException {
        assertThat(print(one)).isFalse();
        assertThat(table()).contains("No outcomes");
    }

    @Test
    void missingDirectoryIsRefused() {
        assertThatThrownBy(() -> print(one.resolve("nowhere")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("nowhere");
    }

    private boolean print(Path... directories) throws IOException {
        return ContractTable.print(
                List.of(directories), new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    private String table() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private static String passed() {
        return CaseList.contract().values().stream()
                .flatMap(sentences -> sentences.keySet().stream())
                .map(number -> new CaseResult(number, Outcome.PASSED, null).toLine() + "\n")
                .collect(Collectors.joining());
    }
}
