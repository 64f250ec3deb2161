package io.uloop.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example is a short program in one file that can be copied into another project. */
class ExamplesTest {
    private static final Path SOURCES = Path.of("src/main/java/io/uloop/examples");
    private static final int LINES_OF_CODE = 80;

    private static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            return files.filter(file -> !file.endsWith("package-info.java")).sorted().toList();
        }
    }

    private static String name(Path example) {
        return example.getFileName().toString().replace(".java", "");
    }

    @ParameterizedTest
    @MethodSource("examples")
    void exampleIsShortAndHasAMain(Path example) throws IOException {
        List<String> lines = Files.readAllLines(example);
        long code =
                lines.stream()
                        .filter(line -> !line.isBlank() && !line.startsWith("import "))
                        .count();
        assertThat(code).as("lines of code").isLessThan(LINES_OF_CODE);
        assertThat(lines).anyMatch(line -> line.contains("public static void main("));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void exampleCompilesInAnotherProject(Path example, @TempDir Path folder) throws IOException {
        // Without its package, other classes of the package are out of reach.
        String source = Files.readString(example).replaceFirst("package [\\w.]+;", "");
        Path copy = Files.writeString(folder.resolve(example.getFileName()), source);
        StringWriter errors = new StringWriter();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of("-proc:none", "-d", folder.toString());
            boolean compiled =
                    compiler.getTask(
                                    errors,
                                    files,
                                    null,
                                    options,
                                    null,
                                    files.getJavaFileObjects(copy))
                            .call();
            assertThat(compiled).as(errors.toString()).isTrue();
        }
    }

    @Test
    void readmeListsEveryExample() throws IOException {
        List<String> listed =
                Files.readAllLines(Path.of("README.md")).stream()
                        .filter(line -> line.startsWith("| ["))
                        .map(line -> line.replaceFirst("\\| \\[`(\\w+)`].*", "$1"))
                        .sorted()
                        .toList();
        assertThat(listed).isEqualTo(examples().stream().map(ExamplesTest::name).toList());
    }
}
