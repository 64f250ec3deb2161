package io.uloop.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TestingPageTest {
    @Test
    void pageShowsTheCompiledTest() throws IOException {
        Path file = Path.of("src/test/java/io/uloop/test/example/EchoHandlerTest.java");
        String source = Files.readString(file);
        String imports = source.substring(source.indexOf("import "), source.indexOf("/** The"));
        String test = source.substring(source.indexOf("@ExtendWith"));
        assertThat(Files.readString(Path.of("..", "docs", "testing.md")))
                .contains("```java\n" + imports + test + "```\n");
    }
}
