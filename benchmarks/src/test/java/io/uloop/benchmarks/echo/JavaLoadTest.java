package io.uloop.benchmarks.echo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The load generator for machines without a C compiler. */
final class JavaLoadTest {
    private final Launcher launcher =
            new Launcher(null, Cpus.NONE, List.of("-XX:TieredStopAtLevel=1"));

    @ParameterizedTest
    @EnumSource(names = {"TCP", "UDP"})
    void countsEchoes(Transport transport) throws Exception {
        Scenario scenario = Scenario.messages("test", transport, 5, 3000);
        try (ChildProcess server = launcher.server(Contender.NIO, transport);
                ChildProcess load = launcher.load(scenario, server.port(), 10)) {
            for (int i = 0; i < 2; i++) {
                String[] numbers = load.ask("run 50 0", "DONE ").split(" ", -1);

                assertThat(numbers).hasSizeGreaterThan(3);
                assertThat(Long.parseLong(numbers[0])).isGreaterThanOrEqualTo(5);
            }
        }
    }
}
