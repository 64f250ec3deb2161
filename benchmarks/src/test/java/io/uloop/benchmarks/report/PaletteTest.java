package io.uloop.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class PaletteTest {
    @Test
    void linesOfAChartLookDifferent() {
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
            assertThat(contenders)
                    .extracting(each -> Palette.color(each) + Palette.dash(each))
                    .doesNotHaveDuplicates();
            assertThat(contenders)
                    .extracting(each -> Palette.dark(Palette.color(each)) + Palette.dash(each))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void relativesHaveOneColour() {
        assertThat(Palette.color("connection-poll"))
                .isEqualTo(Palette.color("uloop-poll"))
                .isEqualTo(Palette.color("poll"))
                .isNotEqualTo(Palette.color("epoll"));
    }
}
