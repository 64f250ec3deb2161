package io.uloop.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReadmeTest {
    @Test
    void theServerInTheReadmeIsTheOneThatIsCompiled() throws IOException {
        String source = Files.readString(Path.of("src/main/java/io/uloop/examples/Daytime.java"));
        String server = source.substring(source.indexOf("final class Daytime"));
        assertThat(Files.readString(Path.of("..", "README.md")))
                .contains("```java\n" + server + "```\n");
    }
}
