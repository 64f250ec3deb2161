package io.uloop.benchmarks.echo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class EchoCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void helpNamesEveryServer() {
        assertThat(run("--help")).isZero();
        for (Contender server : Contender.values()) {
            assertThat(out.toString()).contains("  " + server + " ");
        }
    }

    @Test
    void unknownServerIsRefusedWithAllNames() {
        assertThat(run("--servers", "d")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("unknown server d").contains("netty-epoll");
    }

    @Test
    void unknownScenarioIsRefused() {
        assertThat(run("--scenarios", "sctp")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("unknown scenario 'sctp'");
    }

    @Test
    void numberOutOfRangeIsRefusedWithTheRange() {
        assertThat(run("--rounds", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("--rounds is 0, must be 1 to 1000");
    }

    @Test
    void singleCpuIsRefused() {
        assertThat(run("--cpus", "1")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("--cpus is 1");
    }

    @Test
    void oversizedSegmentedSendIsRefused() {
        assertThat(run("--scenarios=segments", "--segments=64", "--size=1200"))
                .isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("64 x 1200 B").contains("--segments");
    }

    /** Runs some servers, without checking the figures. */
    @Test
    void runsServersOnTheJvm(@TempDir Path folder) throws Exception {
        Path json = folder.resolve("outcome.json");

        int code =
                runShortly(
                        "--servers=c,connection-select,vthreads-channel",
                        "--scenarios=tcp,idle",
                        "--idle=20",
                        "--base=connection-select",
                        "--output=" + json);

        assertThat(code).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("TCP echo, 5 connections x 64 B", "and 20 idle ones")
                .contains("(x connection-select: ratio", "\nconnection-select ");
        assertThat(Files.readString(json)).contains("\"connection-select\"");
        String reason = Contender.VTHREADS_CHANNEL.unavailability();
        if (reason == null) {
            assertThat(out.toString()).contains("\nvthreads-channel ");
        } else {
            assertThat(err.toString()).contains("skipping vthreads-channel: " + reason);
        }
    }

    @Test
    void runsEveryOtherScenarioInC() throws Exception {
        assumeThat(Programs.firstLine("cc", "--version")).as("C compiler").isNotNull();

        int code =
                runShortly(
                        "--servers=c",
                        "--scenarios=udp,segments,tls,churn,streams",
                        "--stream=1",
                        "--peers=4");

        assertThat(code).as(err.toString()).isZero();
        assertThat(err.toString())
                .contains("skipping TLS echo, 5 connections x 64 B: no server can run it");
        assertThat(out.toString())
                .contains("UDP echo, 5 connections x 64 B")
                .contains("TCP churn, 5 connections x 64 B")
                .contains("TCP streams, 4 connections x 1 MiB");
        assertThat(out.toString() + err)
                .containsAnyOf(
                        "4 connections x 16 segments x 64 B", "skipping scenario segments: ");
    }

    private int runShortly(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--rounds=1");
        all.add("--seconds=0.02");
        all.add("--warmup=0.02");
        all.add("--connections=5");
        all.add("--cpus=none");
        all.add("--jvm-flag=-XX:TieredStopAtLevel=1");
        return run(all.toArray(String[]::new));
    }

    @Test
    void virtualThreadsNeedJdk21() {
        boolean usable = Runtime.version().feature() >= 21;

        for (Contender server : List.of(Contender.VTHREADS_CHANNEL, Contender.VTHREADS_SOCKET)) {
            assertThat(server.unavailability()).isEqualTo(usable ? null : "needs JDK 21 or newer");
        }
        if (!usable) {
            assertThat(Contender.FIBERS_LOOP.unavailability()).isNotNull();
            assertThat(Contender.FIBERS_JDK.unavailability()).isNotNull();
        }
    }

    private int run(String... arguments) {
        return new CommandLine(new EchoCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
