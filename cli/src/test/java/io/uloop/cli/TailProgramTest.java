package io.uloop.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The {@code tail} command in a separate JVM, with files that grow, shrink, vanish and appear. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.uloop.poller.tck.Backends#names")
@ExtendWith(NoDescriptorLeak.class)
class TailProgramTest {
    private static final int SIGTERM = 15;

    private final String backend;

    @TempDir private Path directory;

    private Path log;

    TailProgramTest(String backend) {
        this.backend = backend;
    }

    @BeforeEach
    void requireInotify() {
        boolean linux = System.getProperty("os.name").equals("Linux");
        assumeTrue(linux && !backend.equals("select"), "no inotify");
        log = directory.resolve("log");
    }

    private DemoProcess tail(Path... files) throws IOException {
        ProcessBuilder program = Processes.uloop("tail", "--backend", backend);
        program.command().addAll(Arrays.stream(files).map(Path::toString).toList());
        return new DemoProcess(program);
    }

    private static void append(Path file, String text) throws IOException {
        Files.writeString(file, text, APPEND);
    }

    private static String lines(int first, int last) {
        return IntStream.rangeClosed(first, last)
                .mapToObj(line -> line + "\n")
                .collect(Collectors.joining());
    }

    @Test
    void printsTheLastLinesThenAppendedOnes() throws Exception {
        Files.writeString(log, lines(1, 20));
        try (DemoProcess tail = tail(log)) {
            tail.awaitOutput(lines(11, 20));
            append(log, "21\n");
            tail.awaitOutput(lines(11, 21));
            append(log, "22\n23");
            tail.awaitOutput(lines(11, 22) + "23");
            assertThat(tail.endBy("TERM")).isEqualTo(128 + SIGTERM);
            assertThat(tail.errors()).isEmpty();
        }
    }

    @Test
    void readsATruncatedFileFromTheStart() throws Exception {
        Files.writeString(log, lines(1, 3));
        try (DemoProcess tail = tail(log)) {
            tail.awaitOutput(lines(1, 3));
            Files.writeString(log, "");
            tail.awaitError("uloop tail: " + log + " has been truncated; reading from the start");
            append(log, "4\n");
            tail.awaitOutput(lines(1, 4));
        }
    }

    @Test
    void readsARenamedFileUntilANewOneAppears() throws Exception {
        Files.writeString(log, lines(1, 3));
        try (DemoProcess tail = tail(log)) {
            tail.awaitOutput(lines(1, 3));
            Path former = Files.move(log, directory.resolve("log.1"));
            tail.awaitError(log + " has been renamed or removed; waiting for it");
            append(former, "4\n");
            tail.awaitOutput(lines(1, 4));
            Files.writeString(log, "5\n");
            tail.awaitError(log + " has been replaced; following the new file");
            tail.awaitOutput(lines(1, 5));
            append(log, "6\n");
            tail.awaitOutput(lines(1, 6));
        }
    }

    @Test
    void readsAReplacedFileToItsEnd() throws Exception {
        Files.writeString(log, "1\n");
        Path next = Files.writeString(directory.resolve("next"), "3\n");
        try (DemoProcess tail = tail(log)) {
            tail.awaitOutput("1\n");
            append(log, "2\n");
            Files.move(next, log, REPLACE_EXISTING);
            tail.awaitOutput(lines(1, 3));
            Files.delete(log);
            tail.awaitError(log + " has been renamed or removed; waiting for it");
            Files.writeString(log, "4\n");
            tail.awaitOutput(lines(1, 4));
        }
    }

    @Test
    void printsHeadersAndWaitsForAMissingFile() throws Exception {
        Path other = directory.resolve("other");
        Files.writeString(log, "1\n");
        try (DemoProcess tail = tail(log, other)) {
            String expected = "==> " + log + " <==\n1\n";
            tail.awaitOutput(expected);
            tail.awaitError("uloop tail: " + other + " is missing; waiting for it");
            Files.writeString(other, "a\n");
            tail.awaitError("uloop tail: " + other + " has appeared");
            expected += "\n==> " + other + " <==\na\n";
            tail.awaitOutput(expected);
            append(other, "b\n");
            append(other, "c\n");
            tail.awaitOutput(expected + "b\nc\n");
            append(log, "2\n");
            tail.awaitOutput(expected + "b\nc\n\n==> " + log + " <==\n2\n");
        }
    }

    @Test
    void followsALinkToItsNewTarget() throws Exception {
        Path one = Files.writeString(directory.resolve("one"), "1\n");
        Path two = Files.writeString(directory.resolve("two"), "3\n");
        Files.createSymbolicLink(log, one);
        try (DemoProcess tail = tail(log)) {
            tail.awaitOutput("1\n");
            append(one, "2\n");
            tail.awaitOutput("1\n2\n");
            Files.delete(log);
            Files.createSymbolicLink(log, two);
            tail.awaitOutput("1\n2\n3\n");
        }
    }

    @Test
    void printsMegabytesUnchanged() throws Exception {
        Files.createFile(log);
        try (DemoProcess tail = tail(log, directory.resolve("none"))) {
            tail.awaitError("none is missing");
            byte[] line = "0123456789abcde\n".getBytes(US_ASCII);
            byte[] much = new byte[5 << 20];
            for (int i = 0; i < much.length; i++) {
                much[i] = line[i % line.length];
            }
            Files.write(log, much, APPEND);
            String text = new String(much, US_ASCII);
            tail.awaitOutput("==> " + log + " <==\n" + text);
        }
    }

    @Test
    void findsFilesInDirectoriesThatEventsDoNotReport() throws Exception {
        Path target = Files.createDirectory(directory.resolve("target")).resolve("real");
        Files.writeString(target, "1\n");
        Files.createSymbolicLink(log, target);
        Path moved = Files.createDirectory(directory.resolve("first")).resolve("log");
        Files.writeString(moved, "a\n");
        Path missing = Files.createDirectory(directory.resolve("second")).resolve("log");
        try (DemoProcess tail = tail(log, moved, missing)) {
            tail.awaitError(missing + " is missing; waiting for it");
            Files.move(target, target.resolveSibling("former"));
            Files.move(moved.getParent(), directory.resolve("moved"));
            Files.delete(missing.getParent());
            tail.awaitError(log + " has been renamed or removed; waiting for it");
            tail.awaitError(moved + " has been renamed or removed; waiting for it");
            String expected = "==> " + log + " <==\n1\n\n==> " + moved + " <==\na\n";
            tail.awaitOutput(expected);
            Files.writeString(target, "2\n");
            expected += "\n==> " + log + " <==\n2\n";
            tail.awaitOutput(expected);
            for (Path each : List.of(moved, missing)) {
                Files.createDirectory(each.getParent());
                Files.writeString(each, "b\n");
                expected += "\n==> " + each + " <==\nb\n";
                tail.awaitOutput(expected);
            }
            append(missing, "c\n");
            tail.awaitOutput(expected + "c\n");
        }
    }
}
