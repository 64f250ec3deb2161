package io.uloop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.Uloop;
import io.uloop.poller.tck.NoDescriptorLeak;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The rows of {@code top}, about loops of this JVM. */
@ExtendWith(NoDescriptorLeak.class)
class JmxLoopsTest {
    private static final String NAME = "JmxLoopsTest";

    private final JmxLoops loops =
            new JmxLoops(
                    ProcessHandle.current().pid(),
                    ManagementFactory.getPlatformMBeanServer(),
                    () -> {});

    private LoopRow rowAfterTurns(int turns) throws IOException {
        try (Uloop loop = Uloop.builder().name(NAME).jmx(true).build()) {
            for (int i = 0; i < turns; i++) {
                loop.runOnce(0);
            }
            return loops.read().stream()
                    .filter(row -> row.name().equals(NAME))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void loopThatReplacesOneOfItsNameHasNoRatesYet() throws IOException {
        assertThat(rowAfterTurns(10).turnsPerSecond()).isZero();
        assertThat(rowAfterTurns(1).turnsPerSecond()).isZero();
    }
}
