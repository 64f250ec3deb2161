package io.uloop.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultsTest {
    @TempDir private Path folder;

    @Test
    void readReturnsWhatWasWritten() throws IOException {
        Path file = folder.resolve("results.json");

        Samples.results().write(file);

        assertThat(Results.read(file)).isEqualTo(Samples.results());
    }

    @Test
    void jsonIsReadableByPeople() throws IOException {
        Path file = folder.resolve("results.json");

        Samples.results().write(file);

        assertThat(file)
                .content()
                .contains("\"cpu\": \"Test CPU <8>\"", "\"date\": \"2026-01-31T12:00:00Z\"")
                .contains("\"contender\": \"jdk-keys\"", "\"registered\": \"10000\"");
    }

    @Test
    void fileWithOtherContentIsRefusedByName() throws IOException {
        for (String content : new String[] {"", "[]", "{}", "text", "{\"date\": \"today\"}"}) {
            Path file = Files.writeString(folder.resolve("other.json"), content);

            assertThatThrownBy(() -> Results.read(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll("other.json", "no results of uloop bench");
        }
    }

    @Test
    void scoreOutsideOfItsErrorBarIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Row("epoll", Map.of(), 3, 1, 2, null))
                .withMessage("epoll: 3.0 is not within 1.0 to 2.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Row("epoll", Map.of(), Double.NaN, 1, 2, null));
    }

    @Test
    void idThatIsNoFileNameIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Question.bars("../x", "", "", ""))
                .withMessageContaining("../x");
    }

    @Test
    void machineNamesItsParts() {
        Machine machine = Machine.here();

        assertThat(machine.processors()).isPositive();
        assertThat(machine.kernel()).contains(System.getProperty("os.version"));
        assertThat(machine.jdk()).contains(System.getProperty("java.vm.version"));
        assertThat(machine.memory()).matches("\\d+ GiB|unknown");
        assertThat(machine.commit()).matches("unknown|[0-9a-f]{12,}(-dirty)?");
    }
}
