package io.uloop.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class MarkdownPageTest {
    private static final String PAGE = MarkdownPage.of(Samples.results());

    @Test
    void namesTheEnvironment() {
        assertThat(PAGE)
                .startsWith(
                        """
                        # Results

                        2 x Test CPU <8>, 24 GiB, Linux 6.1 amd64; OpenJDK 17, `-Xmx1g`; \
                        commit 0123456789ab; effort normal, 31 January 2026, 12:00 UTC.
                        """);
    }

    @Test
    void everyPanelHasItsChartsAndFigures() {
        assertThat(PAGE)
                .contains(
                        """
                        ### pending 1,000

                        <picture>
                          <source media="(prefers-color-scheme: dark)" \
                        srcset="charts/timers-pending-1000-dark.svg">
                          <img alt="ns per timer: epoll 188, netty-nio 233" \
                        src="charts/timers-pending-1000-light.svg">
                        </picture>

                        |  | ns per timer | x best | B/op |
                        | --- | --- | --- | --- |
                        | epoll | 188 ±15% | 1.00 | 0 |
                        | netty-nio | 233 ±15% | 1.24 | 120 |
                        """);
    }
}
