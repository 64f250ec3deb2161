package io.uloop.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.benchmarks.report.Effort;
import io.uloop.benchmarks.report.Session;
import io.uloop.benchmarks.report.Study;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StudiesTest {
    private static final List<Study> ALL = Studies.all();

    private static final List<Study> DEFAULT = ALL.stream().filter(Study::runsByDefault).toList();

    @Test
    void namesAreDifferentWords() {
        assertThat(ALL)
                .extracting(Study::name)
                .doesNotHaveDuplicates()
                .allMatch(name -> name.matches("[a-z0-9]+(-[a-z0-9]+)*"))
                .doesNotContain("servers"); // a command
    }

    @Test
    void runWithoutArgumentsTakesAboutFiveMinutes() {
        assertThat(Session.expected(DEFAULT, Effort.NORMAL)).isLessThan(Duration.ofSeconds(330));
    }

    @Test
    void quickRunTakesAboutAMinuteAndAHalf() {
        assertThat(Session.expected(DEFAULT, Effort.QUICK)).isLessThan(Duration.ofSeconds(100));
    }
}
