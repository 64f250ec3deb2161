package io.uloop.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The page and its charts. */
final class PageTest {
    private static Charts charts;
    private static String page;

    @BeforeAll
    static void write() throws IOException {
        charts = new Charts();
        page = Page.of(Samples.results(), charts);
    }

    @Test
    void loadsNothing() {
        String withoutData = page.replaceAll("data:image/svg[^\"]*", "");

        assertThat(withoutData).doesNotContain("http:", "https:", "<script", "url(", "@import");
        assertThat(withoutData).containsPattern("href=\"results\\.json\"");
    }

    @Test
    void namesTheEnvironmentAndEscapesIt() {
        assertThat(page)
                .contains("2 × Test CPU &lt;8&gt;, 24 GiB", "Linux 6.1, amd64", "OpenJDK 17")
                .contains("-Xmx1g", "0123456789ab", "31 January 2026, 12:00 UTC")
                .contains("<li>turn: could not run</li>")
                .doesNotContain("<8>");
    }

    @Test
    void everyChartHasItsSentenceAndAnAlternative() {
        assertThat(page)
                .contains("What does it cost to schedule a timer and cancel it?")
                .contains("alt=\"ns per timer: epoll 188, netty-nio 233\"")
                .contains("<li>netty-io_uring: not available on this kernel</li>");
    }

    @Test
    void everyChartFollowsColoursAndWidthOfTheReader() {
        assertThat(count("<picture>")).isEqualTo(4);
        assertThat(count("media=\"\\(prefers-color-scheme: dark\\)\"")).isEqualTo(4);
        assertThat(count("media=\"\\(max-width: 700px\\) and \\(prefers-color-scheme: dark\\)\""))
                .isEqualTo(4);
        assertThat(page).contains("name=\"viewport\"");
    }

    @Test
    void chartsAreWellFormed() throws Exception {
        Matcher data = Pattern.compile("data:image/svg\\+xml;base64,([^\"]+)").matcher(page);
        int charts = 0;
        while (data.find()) {
            byte[] svg = Base64.getDecoder().decode(data.group(1));
            assertThat(root(new String(svg, StandardCharsets.UTF_8)).getTagName()).isEqualTo("svg");
            charts++;
        }
        assertThat(charts).isEqualTo(16);
    }

    @Test
    void barsAreSortedAndShowTheirValues() throws Exception {
        String svg = charts.svg(Panel.of(Samples.timers()).get(0), Charts.WIDE);

        assertThat(texts(svg))
                .containsSubsequence("epoll", "netty-nio")
                .contains("188", "233", "ns per timer, less is better");
        assertThat(svg).contains(Palette.color("epoll"), Palette.color("netty-nio"));
    }

    @Test
    void linesAreLabelledAndHaveErrorBars() throws Exception {
        String svg = charts.svg(Panel.of(Samples.poll()).get(0), Charts.WIDE);

        assertThat(texts(svg))
                .contains("epoll", "poll", "jdk-keys", "registered descriptors")
                .contains("100,000");
        assertThat(svg).contains("stroke-dasharray"); // of jdk-keys
        String color = Palette.color("poll");
        Matcher errorBars = Pattern.compile("stroke=\"" + color + "\"").matcher(svg);
        assertThat(errorBars.results().count()).isGreaterThanOrEqualTo(6);
    }

    @Test
    void darkChartHasNoColourOfTheLightOne() {
        String light = charts.svg(Panel.of(Samples.poll()).get(0), Charts.WIDE);
        Pattern color = Pattern.compile("#[0-9a-fA-F]{6}");
        List<String> colors =
                color.matcher(light).results().map(MatchResult::group).distinct().toList();

        assertThat(colors).hasSizeGreaterThan(4);
        assertThat(Palette.dark(light)).doesNotContain(colors);
    }

    @Test
    void stoppedRunIsMarked() throws IOException {
        Results stopped =
                new Results(
                        Samples.MACHINE, Instant.EPOCH, Effort.QUICK, false, List.of(), List.of());

        assertThat(Page.of(stopped, charts)).contains("It was stopped before the end");
    }

    private static long count(String pattern) {
        return Pattern.compile(pattern).matcher(page).results().count();
    }

    private static List<String> texts(String svg) throws Exception {
        NodeList nodes = root(svg).getElementsByTagName("text");
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            texts.add(nodes.item(i).getTextContent());
        }
        return texts;
    }

    private static Element root(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(svg)))
                .getDocumentElement();
    }
}
