package io.uloop.benchmarks.echo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table and the JSON of an outcome. */
final class ReportTest {
    private static final Scenario SCENARIO =
            Scenario.messages("idle", Transport.TCP, 50, 64).withIdle(10_000);

    private static final Outcome OUTCOME =
            new Outcome(
                    SCENARIO,
                    Contender.C,
                    List.of(
                            new Outcome.Entry(
                                    Contender.C,
                                    List.of(Rounds.costing(2000), Rounds.costing(1000)),
                                    new Outcome.IdleMemory(12, null)),
                            new Outcome.Entry(
                                    Contender.NETTY_EPOLL,
                                    List.of(Rounds.of(3000, 16.0), Rounds.of(3000, 16.0)),
                                    new Outcome.IdleMemory(3842.4, 108.4))));

    @Test
    void tableHasALinePerServerWithMediansAndRatios() {
        assertThat(Table.of(OUTCOME).lines().toList())
                .hasSize(4)
                .satisfies(
                        lines -> {
                            assertThat(lines.get(0))
                                    .contains(
                                            "TCP echo, 50 connections x 64 B and 10,000 idle ones")
                                    .contains("x c: ratio of the previous column to that of c");
                            assertThat(lines.get(2).split(" {2,}", -1))
                                    .startsWith("c", "1.50", "1.00 (1.00..1.00)", "25%")
                                    .endsWith("-", "7", "90%", "80%", "12", "-");
                            assertThat(lines.get(3).split(" {2,}", -1))
                                    .startsWith("netty-epoll", "3.00", "2.25 (1.50..3.00)")
                                    .contains("2,000,000", "16.00")
                                    .endsWith("3842", "108");
                        });
    }

    @Test
    void tableSumsLostDatagramsOfAllRounds() {
        ProcessUsage usage = new ProcessUsage(0, 0, 0, 1);
        Round round =
                Round.of("1000 8000000 3 50:500 90:400 99:90 999:9 1001:1", usage, usage, 0, null);
        Outcome.Entry entry = new Outcome.Entry(Contender.NIO, List.of(round, round), null);
        Scenario segments = Scenario.messages("segments", Transport.UDP, 4, 64).withSegments(16);

        List<String> lines =
                Table.of(new Outcome(segments, Contender.NIO, List.of(entry))).lines().toList();

        assertThat(lines.get(0))
                .startsWith("UDP echo, 4 connections x 16 segments x 64 B (x nio: ");
        assertThat(lines.get(1)).endsWith("  lost");
        assertThat(lines.get(2)).endsWith("     6");
    }

    @Test
    void tableIsAligned() {
        assertThat(Table.of(OUTCOME).lines().skip(1).map(String::length).distinct()).hasSize(1);
    }

    @Test
    void jsonHasTheMachineAndEveryRound() {
        Machine machine = new Machine("cpu", 2, "Linux", "amd64", "JDK", "-Xmx1g", null, "0,1");

        JsonObject root =
                JsonParser.parseString(Json.of(machine, List.of(OUTCOME))).getAsJsonObject();

        assertThat(root.getAsJsonObject("machine").get("kernel").getAsString()).isEqualTo("Linux");
        JsonObject scenario = root.getAsJsonArray("scenarios").get(0).getAsJsonObject();
        assertThat(scenario.get("base").getAsString()).isEqualTo("c");
        JsonObject netty = scenario.getAsJsonArray("servers").get(1).getAsJsonObject();
        assertThat(netty.get("server").getAsString()).isEqualTo("netty-epoll");
        assertThat(netty.getAsJsonObject("cpuRatio").get("median").getAsDouble()).isEqualTo(2.25);
        assertThat(netty.getAsJsonArray("rounds")).hasSize(2);
    }
}
