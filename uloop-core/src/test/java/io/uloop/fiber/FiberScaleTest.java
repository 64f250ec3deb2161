package io.uloop.fiber;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.poller.tck.ChildJava;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs many fibers at once in a child process. The system property {@code uloop.fiber.scale}
 * multiplies their number: with 10, 100,000 sleep, 10,000 wait for sockets and 1,000,000 end.
 */
class FiberScaleTest {
    private static final int SCALE = Integer.getInteger("uloop.fiber.scale", 1);

    static Stream<FiberMode> virtualModes() {
        return Arrays.stream(FiberMode.values())
                .filter(mode -> mode != FiberMode.PLATFORM)
                .filter(EachMode.Modes::isSupported);
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("virtualModes")
    void manyFibersSleepAndWaitAndEnd(FiberMode mode) throws Exception {
        String printed =
                ChildJava.of(
                                FiberScale.class,
                                mode.name(),
                                String.valueOf(10_000 * SCALE),
                                String.valueOf(500 * SCALE),
                                String.valueOf(100_000 * SCALE))
                        .options("-Xmx1g", "--add-opens", "java.base/java.lang=ALL-UNNAMED")
                        .run();
        System.out.println(mode + ": " + printed);
        assertThat(printed).contains(" asleep: ", " parked on sockets: ", " started and ended: ");
    }
}
