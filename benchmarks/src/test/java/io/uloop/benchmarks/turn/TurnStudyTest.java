package io.uloop.benchmarks.turn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uloop.benchmarks.report.Answer;
import io.uloop.benchmarks.report.Effort;
import io.uloop.benchmarks.report.Row;
import io.uloop.poller.NativeDescriptors;
import io.uloop.poller.Pollers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TurnStudyTest {
    private final TurnStudy study = new TurnStudy(1000);

    @BeforeEach
    void requireNativeBackend() {
        Assumptions.assumeTrue(Pollers.provider().descriptors() instanceof NativeDescriptors);
    }

    @Test
    void everyQuestionIsAnsweredByUloop() throws Exception {
        List<Answer> answers = new ArrayList<>();
        List<Double> progress = new ArrayList<>();
        study.run(Effort.QUICK, (done, step) -> progress.add(done), answers::add);
        assertThat(progress).isSorted().startsWith(0.0).allMatch(done -> done < 1);
        assertThat(answers)
                .extracting(Answer::question)
                .containsExactlyElementsOf(TurnContenders.QUESTIONS);
        assertThat(answers)
                .allSatisfy(
                        answer -> {
                            assertThat(answer.rows())
                                    .allMatch(row -> row.low() > 0 && row.low() <= row.score());
                            if (answer.notes().isEmpty()) {
                                assertThat(answer.rows())
                                        .extracting(Row::contender)
                                        .contains(Pollers.provider().name());
                            }
                        });
    }

    @Test
    void interruptEndsTheStudy() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> study.run(Effort.FULL, (done, step) -> {}, answer -> {}))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void incompleteRoundFails() {
        Entry lazy = new Entry(TurnContenders.TURN, "lazy", "call", 1, times -> times - 1);
        assertThatThrownBy(() -> new Contest(List.of(lazy), 1, 10).run(0, (done, step) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage("lazy call completed 9 of 10 operations");
    }

    @Test
    void figuresAreLeastMedianAndUpperQuartile() {
        assertThat(Figures.of(new double[] {4, 1, 3, 2}, 8)).isEqualTo(new Figures(1, 2.5, 3, 8));
        assertThat(Figures.of(new double[] {7}, 0)).isEqualTo(new Figures(7, 7, 7, 0));
        assertThat(Figures.of(new double[] {9, 1, 5, 3, 7}, 0)).isEqualTo(new Figures(1, 5, 7, 0));
    }
}
