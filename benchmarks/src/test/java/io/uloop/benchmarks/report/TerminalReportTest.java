package io.uloop.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TerminalReportTest {
    @Test
    void linesHaveAColumnPerValueOfTheAxis() {
        assertThat(table(Samples.poll()))
                .isEqualTo(
                        """
                        One ready among many: ns per poll, less is better
                          registered descriptors        10        10,000  B/op
                          epoll                   600 ±15%      610 ±15%     0
                          jdk-keys                800 ±15%      900 ±15%  64.0
                          poll                    500 ±15%  300,000 ±15%     0
                          (netty-io_uring: not available on this kernel)
                        """);
    }

    @Test
    void barsHaveTheRatioToTheBest() {
        assertThat(table(Samples.timers()))
                .contains(
                        """
                        Timeouts (pending 1,000): ns per timer, less is better
                                     ns per timer  x best  B/op
                          epoll          188 ±15%    1.00     0
                          netty-nio      233 ±15%    1.24   120
                        """);
        assertThat(table(Samples.streams())).containsPattern("epoll +4.40 ±15% +1.02");
    }

    @Test
    void scoreOfZeroHasNoRatio() {
        Answer zero =
                new Answer(
                        Samples.TIMERS,
                        List.of(Samples.row("c", 0, null), Samples.row("epoll", 188, null)));
        assertThat(table(zero)).containsPattern("c +0 ± 0% +-\n").containsPattern("epoll .* +-\n");
    }

    @Test
    void machineAndNotesOfTheRunFollow() {
        assertThat(TerminalReport.of(Samples.results()))
                .endsWith(
                        """
                        turn: could not run
                        2 x Test CPU <8>, 24 GiB, Linux 6.1 amd64
                        OpenJDK 17, -Xmx1g, commit 0123456789ab
                        """);
    }

    @Test
    void noteOfSeveralAnswersIsShownOnce() {
        List<String> notes = List.of("kqueue: needs BSD");
        Answer first = new Answer(Samples.TIMERS, Samples.timers().rows(), notes);
        Answer second = new Answer(Samples.STREAMS, Samples.streams().rows(), notes);
        Results results =
                new Results(
                        Samples.MACHINE,
                        Instant.EPOCH,
                        Effort.FULL,
                        true,
                        List.of(first, second),
                        List.of());

        assertThat(TerminalReport.of(results)).containsOnlyOnce("kqueue: needs BSD");
    }

    @Test
    void numbersHaveThreeDigits() {
        assertThat(Numbers.score(1_234_567)).isEqualTo("1,230,000");
        assertThat(Numbers.score(99.96)).isEqualTo("100");
        assertThat(Numbers.score(4.5)).isEqualTo("4.50");
        assertThat(Numbers.score(0.012345)).isEqualTo("0.0123");
        assertThat(Numbers.score(0)).isEqualTo("0");
        assertThat(Numbers.bytes(0.05)).isEqualTo("0");
    }

    private static String table(Answer answer) {
        return TerminalReport.of(answer, answer.notes());
    }
}
