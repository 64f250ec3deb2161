package io.uloop.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class PaletteTest {
    @Test
    void linesOfAChartCanBeToldApart() {
        List<List<String>> charts =
                List.of(
                        List.of(
                                "epoll",
                                "kqueue",
                                "poll",
                                "select",
                                "c",
                                "jdk-consumer",
                                "jdk-keys",
                                "netty-epoll",
                                "netty-nio",
                                "netty-io_uring",
                                "jnr-enxio"),
                        List.of(
                                "c",
                                "uloop-epoll",
                                "connection-epoll",
                                "nio",
                                "netty-epoll",
                                "netty-io_uring",
                                "netty-nio",
                                "fibers-loop"),
                        List.of("epoll", "epoll-foreign", "poll", "poll-foreign"));

        for (List<String> contenders : charts) {
            for (boolean dark : new boolean[] {false, true}) {
                assertThat(contenders)
                        .extracting(each -> Palette.color(each, dark) + Palette.dash(each))
                        .doesNotHaveDuplicates();
            }
        }
    }

    @Test
    void relativesHaveOneColour() {
        assertThat(Palette.color("connection-poll", false))
                .isEqualTo(Palette.color("uloop-poll", false))
                .isEqualTo(Palette.color("poll", false))
                .isNotEqualTo(Palette.color("epoll", false));
    }
}
