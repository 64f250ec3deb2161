package io.uloop.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadmeTest {
    @ParameterizedTest
    @CsvSource({"README.md, Daytime", "docs/embedding.md, EchoService"})
    void pageShowsTheCompiledServer(String page, String name) throws IOException {
        Path file = Path.of("src/main/java/io/uloop/examples", name + ".java");
        String source = Files.readString(file);
        String server = source.substring(source.indexOf("final class " + name));
        String imports = source.substring(source.indexOf("import "), source.indexOf("/**"));
        assertThat(Files.readString(Path.of("..", page)))
                .contains("```java\n" + imports + server + "```\n");
    }
}
