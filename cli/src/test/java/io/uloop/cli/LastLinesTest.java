package io.uloop.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LastLinesTest {
    @TempDir private Path directory;

    /** Uses slashes for line feeds. */
    @ParameterizedTest
    @CsvSource({
        "'', 1, ''",
        "'', 0, ''",
        "a/b/c/, 0, ''",
        "a/b/c/, 1, c/",
        "a/b/c/, 2, b/c/",
        "a/b/c/, 3, a/b/c/",
        "a/b/c/, 4, a/b/c/",
        "a/b/c, 1, c",
        "a/b/c, 2, b/c",
        "///, 2, //",
        "/, 1, /",
        "a, 1, a",
    })
    void findsTheLastLines(String text, int lines, String last) throws IOException {
        assertThat(last(text.replace('/', '\n'), lines)).isEqualTo(last.replace('/', '\n'));
    }

    @Test
    void findsLinesLongerThanABlock() throws IOException {
        String line = "x".repeat(20_000) + "\n";
        assertThat(last(line.repeat(5), 2)).isEqualTo(line.repeat(2));
        for (int length = 8190; length < 8195; length++) { // around the size of a block
            String other = "y".repeat(length) + "\n";
            assertThat(last(line + other, 1)).isEqualTo(other);
        }
    }

    private String last(String text, int lines) throws IOException {
        Path file = Files.writeString(directory.resolve("file"), text);
        try (FileChannel channel = FileChannel.open(file)) {
            int start = (int) LastLines.start(channel, lines);
            byte[] bytes = Files.readAllBytes(file);
            return new String(bytes, start, bytes.length - start, US_ASCII);
        }
    }
}
