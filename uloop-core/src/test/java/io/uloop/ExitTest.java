package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.ChildJava;
import java.io.IOException;
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
        return ChildJava.of(ExitingProgram.class, arguments).run(7);
    }
}
