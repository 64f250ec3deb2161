package io.uloop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.Backends;
import io.uloop.poller.tck.ChildJava;
import org.junit.jupiter.api.Test;

/** Tests loops in JVMs that lack modules or descriptors. */
class SmallRuntimeTest {
    @Test
    void loopRunsWithoutFlightRecorderAndJmx() throws Exception {
        String output =
                ChildJava.of(BareProgram.class).options("--limit-modules", "java.base").run();
        assertThat(output)
                .contains("ran 1 turn")
                .contains("start Java with --add-modules java.management")
                .contains("has not returned for");
    }

    @Test
    void listenerWithoutFreeDescriptorsIsLogged() throws Exception {
        String output = ChildJava.of(ExhaustedProgram.class).descriptorLimit(120).run();
        assertThat(output.lines().filter(line -> line.startsWith("named on ")).toList())
                .hasSameSizeAs(Backends.usable())
                .allMatch(line -> line.contains("EMFILE"));
    }
}
