package io.uloop.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class ProgressLineTest {
    private static final Duration TOTAL = Duration.ofMinutes(5);

    private final StringWriter text = new StringWriter();

    @Test
    void outputThatIsNoTerminalHasALinePerStep() {
        ProgressLine line = new ProgressLine(new PrintWriter(text), false, TOTAL);

        line.show("[1/2] poll: epoll", Duration.ZERO, Duration.ZERO);
        line.show("[1/2] poll: epoll", Duration.ofSeconds(1), Duration.ofSeconds(1));
        line.show("[1/2] poll: select", Duration.ofSeconds(2), Duration.ofSeconds(2));
        line.clear();

        assertThat(text.toString())
                .isEqualToNormalizingNewlines(
                        """
                        0:00  [1/2] poll: epoll, about 5:00 left
                        0:02  [1/2] poll: select, about 4:58 left
                        """);
    }

    @Test
    void terminalHasOneLineOfFixedWidth() {
        ProgressLine line = new ProgressLine(new PrintWriter(text), true, TOTAL);

        line.show("short", Duration.ZERO, Duration.ZERO);
        line.show("long ".repeat(30), Duration.ZERO, Duration.ZERO);
        line.clear();

        assertThat(text.toString().split("\r", -1))
                .hasSize(5)
                .allMatch(each -> each.isEmpty() || each.length() == 79)
                .anyMatch(each -> each.contains("long lon...") && each.endsWith("5:00 left"));
    }

    @Test
    void timeLeftFollowsTheSpeedSoFar() {
        ProgressLine line = new ProgressLine(new PrintWriter(text), false, TOTAL);

        line.show("half", Duration.ofSeconds(300), Duration.ofSeconds(150));

        assertThat(text.toString()).contains("5:00  half, about 5:00 left");
    }

    @Test
    void clockHasHoursOnlyIfNeeded() {
        assertThat(ProgressLine.clock(Duration.ofSeconds(245))).isEqualTo("4:05");
        assertThat(ProgressLine.clock(Duration.ofSeconds(3845))).isEqualTo("1:04:05");
    }
}
