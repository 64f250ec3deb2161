package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests System.exit on a loop's thread. */
class ExitTest {
    @ParameterizedTest
    @ValueSource(strings = {"callback", "failure"})
    void closeInShutdownHookLetsTheJvmExit(String caller) throws Exception {
        assertThat(run("close", caller)).contains("closed");
    }

    @Test
    void shutdownInShutdownHookLetsTheJvmExit() throws Exception {
        assertThat(run("shutdown", "callback")).contains("in time: false", "closed");
    }

    private static String run(String... arguments) throws IOException, InterruptedException {
        Process program = ChildJvm.start(List.of(), List.of(), ExitingProgram.class, arguments);
        try {
            assertThat(program.waitFor(60, TimeUnit.SECONDS)).as("ends").isTrue();
            String output =
                    new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(program.exitValue()).as(output).isEqualTo(7);
            return output;
        } finally {
            program.destroyForcibly().waitFor();
        }
    }
}
