package io.uloop.examples;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The Java code of the pages and of Javadoc is also in a file that is compiled: an example, a
 * recipe, or a test such as {@link Snippets}. A line of three dots stands for anything.
 */
class DocumentedCodeTest {
    private static final Path REPOSITORY = Path.of("..");
    private static final Pattern ON_PAGE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern IN_JAVADOC =
            Pattern.compile("<pre>\\{@code\n(.*?)\n *\\* *}</pre>", Pattern.DOTALL);

    private static final String COMPILED =
            normal(sources().map(DocumentedCodeTest::read).collect(joining("\n")));

    private static Stream<Path> sources() {
        return modules()
                .flatMap(
                        module ->
                                Stream.concat(
                                        files(module.resolve("src/test/java"), ".java"),
                                        module.endsWith("examples") || module.endsWith("cookbook")
                                                ? files(module.resolve("src/main/java"), ".java")
                                                : Stream.of()));
    }

    /** Returns the pages, except the guide, whose programs are run, and the decisions. */
    private static List<Path> pages() {
        return Stream.concat(
                        Stream.of(REPOSITORY.resolve("README.md")),
                        files(REPOSITORY.resolve("docs"), ".md")
                                .filter(page -> !page.endsWith("guide.md"))
                                .filter(page -> !page.toString().contains("decisions")))
                .filter(page -> read(page).contains("```java"))
                .toList();
    }

    private static List<Path> documentedTypes() {
        return modules()
                .flatMap(module -> files(module.resolve("src/main/java"), ".java"))
                .filter(file -> IN_JAVADOC.matcher(read(file)).find())
                .filter(file -> !file.toString().contains("/arch/")) // needs ArchUnit
                .toList();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void pageShowsCompiledCode(Path page) {
        List<String> missing = new ArrayList<>();
        for (String block : ON_PAGE.matcher(read(page)).results().map(m -> m.group(1)).toList()) {
            block.lines()
                    .filter(line -> line.startsWith("import ") && !COMPILED.contains(line))
                    .forEach(missing::add);
            missing.addAll(notCompiled(block.replaceAll("(?m)^import .*;\n", "")));
        }
        assertThat(missing).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("documentedTypes")
    void javadocShowsCompiledCode(Path file) {
        List<String> missing =
                IN_JAVADOC
                        .matcher(read(file))
                        .results()
                        .flatMap(block -> notCompiled(uncomment(block)).stream())
                        .toList();
        assertThat(missing).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Uloop",
                "EmbeddedLoop",
                "Registration",
                "Timer",
                "ReadWriteProcs",
                "Connection",
                "ConnectionHandler",
                "Connector",
                "Lines",
                "LineHandler",
                "LengthPrefix",
                "TlsOptions",
                "TcpListener",
                "UdpChannel",
                "UnixListener",
                "PipeChannel",
                "UloopGroup",
                "Fibers",
                "FiberListener",
                "FiberSocket",
                "FiberDescriptor",
                "Signals",
                "Exits",
                "ChildProcess",
                "ChildCommand",
                "TimerFd",
                "EventFd",
                "FileWatcher",
                "FifoReader",
                "Pty",
                "StandardInput",
                "StandardOutput",
                "Terminal",
                "SerialLine",
                "Pollers",
                "PollerContract"
            })
    void typeThatPeopleStartFromHasAnExample(String type) {
        assertThat(documentedTypes()).anyMatch(file -> file.endsWith(type + ".java"));
    }

    @Test
    void codeThatIsNotCompiledIsFound() {
        String planted = "loop.callSometime(" + "this::report);";
        assertThat(notCompiled("import java.util.List;\n...\n" + planted)).hasSize(1);
    }

    private static String uncomment(MatchResult block) {
        return block.group(1).replaceAll("(?m)^ *\\* ?", "");
    }

    /** Returns the parts of a block, between lines of dots, that no compiled file contains. */
    private static List<String> notCompiled(String block) {
        return Stream.of(block.split("(?m)^ *\\.\\.\\.$", -1))
                .map(DocumentedCodeTest::normal)
                .filter(part -> !COMPILED.contains(part))
                .toList();
    }

    /** Removes differences of indentation and line breaks. */
    private static String normal(String code) {
        return code.replaceAll("\\s+", " ").replaceAll("([(.]) | ([.)])", "$1$2").strip();
    }

    static Stream<Path> modules() {
        try (Stream<Path> folders = Files.list(REPOSITORY)) {
            return folders
                    .filter(folder -> Files.exists(folder.resolve("pom.xml")))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<Path> files(Path folder, String suffix) {
        if (!Files.exists(folder)) {
            return Stream.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files
                    .filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
