package io.uloop.poller.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.openjdk.jcstress.annotations.JCStressTest;

/**
 * Runs the races of the Stress classes briefly under jcstress. The system property {@code
 * uloop.jcstress} overrides the options for a longer run.
 */
class StressTest {
    private static final String SHORT_RUN =
            "-m quick -f 1 -fsm 1 -iters 1 -time 20 -sc false -pth false"
                    + " -jvmArgs -Xmx256m -jvmArgs -XX:+UseSerialGC";

    /** Whether Thread.interrupt cannot miss a wait that is starting. Before JDK-8323782 it can. */
    private static final boolean INTERRUPTS_ARE_SURE = Runtime.version().feature() >= 23;

    private static final Pattern SELECTION =
            Pattern.compile(INTERRUPTS_ARE_SURE ? "Stress\\." : "Stress\\.(?!Interrupt)");

    @Test
    void racesHaveOnlyAcceptableOutcomes() throws IOException, InterruptedException {
        assumeThat(Runtime.getRuntime().availableProcessors())
                .as("processors, one per thread of a race")
                .isGreaterThanOrEqualTo(2);
        Path directory = Files.createDirectories(Path.of("target", "jcstress"));
        Path log = directory.resolve("log.txt");
        Process jcstress =
                new ProcessBuilder(command())
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        int status;
        try {
            status = jcstress.waitFor();
        } finally {
            jcstress.descendants().forEach(ProcessHandle::destroyForcibly);
            jcstress.destroyForcibly();
        }
        List<String> lines = Files.readAllLines(log);
        assertThat(status)
                .as(
                        "jcstress log %s, which ends with %s",
                        log, lines.subList(lines.size() * 9 / 10, lines.size()))
                .isZero();
        for (Class<?> races : List.of(PollGateStress.class, ReadinessPollerStress.class)) {
            for (Class<?> race : races.getDeclaredClasses()) {
                String name = race.getCanonicalName();
                if (race.isAnnotationPresent(JCStressTest.class)
                        && SELECTION.matcher(name).find()) {
                    assertThat(lines).anyMatch(line -> line.endsWith("[OK] " + name));
                }
            }
        }
    }

    private static List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // jcstress itself only starts other JVMs; the races run with the default compilers.
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add("org.openjdk.jcstress.Main");
        command.addAll(List.of(System.getProperty("uloop.jcstress", SHORT_RUN).split(" ")));
        command.addAll(List.of("-t", SELECTION.pattern(), "-v", "-r", "report"));
        return command;
    }
}
