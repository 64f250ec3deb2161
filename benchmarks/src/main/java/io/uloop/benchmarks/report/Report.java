package io.uloop.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes results into a directory: the raw data as {@value #RESULTS}, a page as {@value #PAGE} and
 * as Markdown, and each chart as an SVG file for light and for dark backgrounds in {@value
 * #CHARTS}.
 */
public final class Report {
    /** The name of the raw data. */
    public static final String RESULTS = "results.json";

    /** The name of the page. */
    public static final String PAGE = "index.html";

    private static final String MARKDOWN = "results.md";

    /** The directory of the charts. */
    public static final String CHARTS = "charts";

    private Report() {}

    /**
     * Writes everything. The raw data comes first.
     *
     * @throws IOException if a file cannot be written
     */
    public static void write(Results results, Path directory) throws IOException {
        Files.createDirectories(directory);
        results.write(directory.resolve(RESULTS));
        Charts charts = new Charts();
        Files.writeString(directory.resolve(PAGE), Page.of(results, charts));
        Files.writeString(directory.resolve(MARKDOWN), MarkdownPage.of(results));
        Path folder = Files.createDirectories(directory.resolve(CHARTS));
        for (Answer answer : results.answers()) {
            for (Panel panel : Panel.of(answer)) {
                String svg = charts.svg(panel, Charts.WIDE);
                Files.writeString(folder.resolve(panel.id() + "-light.svg"), svg);
                Files.writeString(folder.resolve(panel.id() + "-dark.svg"), Palette.dark(svg));
            }
        }
    }

    /** Returns the results as tables for a terminal. */
    public static String tables(Results results) {
        return TerminalReport.of(results);
    }

    /** Returns what changed between two runs, and whether it is more than noise. */
    public static String changes(Results before, Results after) {
        return Changes.of(before, after);
    }
}
