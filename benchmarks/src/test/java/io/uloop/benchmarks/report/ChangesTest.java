package io.uloop.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ChangesTest {
    @Test
    void sameResultsHaveNoChanges() {
        assertThat(Changes.of(Samples.results(), Samples.results()))
                .startsWith("Figures that changed by no more than noise: 11.\nMore than noise: ");
    }

    @Test
    void changeWithinTheErrorBarsIsNoise() {
        assertThat(Changes.scoreChanged(row(100, 90, 110), row(115, 109, 120))).isFalse();
    }

    @Test
    void changeBeyondTheErrorBarsIsMoreThanNoise() {
        assertThat(Changes.scoreChanged(row(100, 90, 110), row(115, 111, 120))).isTrue();
        assertThat(Changes.scoreChanged(row(115, 111, 120), row(100, 90, 110))).isTrue();
    }

    @Test
    void smallChangeIsNoiseEvenIfTheErrorBarsAreApart() {
        assertThat(Changes.scoreChanged(row(100, 99.9, 100.1), row(102.9, 102.8, 103))).isFalse();
        assertThat(Changes.scoreChanged(row(100, 99.9, 100.1), row(103, 102.9, 103.1))).isTrue();
    }

    @Test
    void lowerScoreIsBetterOrWorseByTheQuestion() {
        assertThat(compare(Samples.TIMERS, row(200, 190, 210), row(100, 90, 110)))
                .containsPattern("epoll, pending 1,000 +200 +100 +-50\\.0 % +better");
        assertThat(compare(Samples.STREAMS, row(200, 190, 210), row(100, 90, 110)))
                .containsPattern("-50\\.0 % +worse");
    }

    @Test
    void newAllocationIsAChange() {
        Row garbage = new Row("epoll", Map.of("pending", "1000"), 101, 90, 110, 16.0);

        assertThat(compare(Samples.TIMERS, row(100, 90, 110), garbage))
                .containsPattern("\\+1\\.0 % +0 B/op before, 16\\.0 after");
    }

    @Test
    void figuresOfOneRunAreCounted() {
        Row other = new Row("poll", Map.of(), 1, 1, 1, null);

        assertThat(compare(Samples.TIMERS, row(100, 90, 110), other))
                .contains("no more than noise: 0. In only one of the runs: 2.");
    }

    @Test
    void otherMachineIsNamed() {
        Machine other = new Machine("cpu", 2, "24 GiB", "Linux 7", "amd64", "JDK", "", "c0ffee");
        Results after = results(other, Samples.TIMERS, row(1, 1, 1));

        assertThat(Changes.of(Samples.results(), after))
                .contains("kernel: 'Linux 6.1' before, 'Linux 7' after")
                .contains("flags: '-Xmx1g' before, '' after");
    }

    private static String compare(Question question, Row before, Row after) {
        return Changes.of(
                results(Samples.MACHINE, question, before),
                results(Samples.MACHINE, question, after));
    }

    private static Results results(Machine machine, Question question, Row row) {
        List<Answer> answers = List.of(new Answer(question, List.of(row)));
        return new Results(machine, Instant.EPOCH, Effort.QUICK, true, answers, List.of());
    }

    private static Row row(double score, double low, double high) {
        return new Row("epoll", Map.of("pending", "1000"), score, low, high, 0.0);
    }
}
