package io.uloop.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class PanelTest {
    @Test
    void linesAreSortedByTheirLastPoint() {
        Panel panel = Panel.of(Samples.poll()).get(0);

        assertThat(panel.id()).isEqualTo("poll-idle");
        assertThat(panel.positions()).containsExactly(10L, 10_000L);
        assertThat(panel.series())
                .extracting(Series::label)
                .containsExactly("epoll", "jdk-keys", "poll");
        assertThat(panel.series().get(1).rows())
                .extracting(Row::score)
                .containsExactly(800.0, 900.0);
    }

    @Test
    void numericParameterOfBarsMakesPanelsInNumericOrder() {
        List<Panel> panels = Panel.of(Samples.timers());

        assertThat(panels)
                .extracting(Panel::title)
                .containsExactly("Timeouts (pending 1,000)", "Timeouts (pending 1,000,000)");
        assertThat(panels.get(0).id()).isEqualTo("timers-pending-1000");
        assertThat(panels.get(0).series())
                .extracting(Series::label)
                .containsExactly("epoll", "netty-nio");
    }

    @Test
    void textualParameterBecomesPartOfTheLabel() {
        Row row = Samples.row("c", 1, null, "call", "epoll_wait(-1)");

        assertThat(Panel.of(new Answer(Samples.TIMERS, List.of(row))).get(0).series())
                .extracting(Series::label)
                .containsExactly("c epoll_wait(-1)");
    }

    @Test
    void greatestIsFirstIfMoreIsBetter() {
        Panel panel = Panel.of(Samples.streams()).get(0);

        assertThat(panel.series()).extracting(Series::label).containsExactly("c", "epoll");
        assertThat(panel.unit()).isEqualTo("GB per CPU second, more is better");
    }

    @Test
    void answerWithoutRowsHasNoPanels() {
        assertThat(Panel.of(new Answer(Samples.POLL, List.of()))).isEmpty();
    }
}
