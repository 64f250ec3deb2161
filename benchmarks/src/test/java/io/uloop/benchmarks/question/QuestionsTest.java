package io.uloop.benchmarks.question;

import static org.assertj.core.api.Assertions.assertThat;

import io.uloop.benchmarks.report.Effort;
import io.uloop.benchmarks.report.Study;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class QuestionsTest {
    @Test
    void studiesHaveDifferentNames() {
        assertThat(Questions.studies()).extracting(Study::name).doesNotHaveDuplicates();
    }

    @Test
    void allStudiesTogetherTakeAFewMinutesAtMost() {
        assertThat(expected(Effort.QUICK)).isLessThan(Duration.ofSeconds(80));
        assertThat(expected(Effort.NORMAL)).isLessThan(Duration.ofMinutes(5));
    }

    private static Duration expected(Effort effort) {
        return Questions.studies().stream()
                .map(study -> study.expected(effort))
                .reduce(Duration.ZERO, Duration::plus);
    }
}
