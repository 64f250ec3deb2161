package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.Backends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests loops in JVMs that lack modules or descriptors. */
class SmallRuntimeTest {
    private static String run(List<String> command) throws IOException, InterruptedException {
        Process program = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).as(output).isZero();
        return output;
    }

    private static List<String> java(Class<?> program, String... options) {
        List<String> command = ChildJvm.java();
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        return command;
    }

    @Test
    void loopRunsWithoutFlightRecorderAndJmx() throws Exception {
        String output = run(java(BareProgram.class, "--limit-modules", "java.base"));
        assertThat(output)
                .contains("ran 1 turn")
                .contains("start Java with --add-modules java.management")
                .contains("has not returned for");
    }

    @Test
    void listenerWithoutFreeDescriptorsIsLogged() throws Exception {
        List<String> command =
                new ArrayList<>(List.of("sh", "-c", "ulimit -n 120; exec \"$@\"", "sh"));
        command.addAll(java(ExhaustedProgram.class));
        assertThat(run(command).lines().filter(line -> line.startsWith("named on ")).toList())
                .hasSameSizeAs(Backends.usable())
                .allMatch(line -> line.contains("EMFILE"));
    }
}
