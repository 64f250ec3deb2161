package io.uloop.benchmarks.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/** Writes results as one HTML page, which loads nothing else. */
final class Page {
    /** Formats the date of a run. */
    static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC);

    private final Charts charts;
    private final StringBuilder html = new StringBuilder();

    private Page(Charts charts) {
        this.charts = charts;
    }

    static String of(Results results, Charts charts) throws IOException {
        Page page = new Page(charts);
        page.results(results);
        return template().replace("@CONTENT@", page.html);
    }

    private static String template() throws IOException {
        try (InputStream stream = Page.class.getResourceAsStream("page.html")) {
            byte[] bytes = Objects.requireNonNull(stream, "page.html").readAllBytes();
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private void results(Results results) {
        html.append("<header>\n<h1>Uloop beside its peers</h1>\n<p class=\"lead\">");
        html.append(escape(lead(results))).append("</p>\n");
        environment(results);
        html.append("</header>\n<nav aria-label=\"Questions\"><ul>\n");
        for (Answer answer : results.answers()) {
            Question question = answer.question();
            html.append("<li><a href=\"#").append(question.id()).append("\">");
            html.append(escape(question.title())).append("</a></li>\n");
        }
        html.append("</ul></nav>\n<main>\n");
        results.answers().forEach(answer -> answer(results, answer));
        html.append("</main>\n");
    }

    private static String lead(Results results) {
        String effort =
                switch (results.effort()) {
                    case QUICK -> "A quick look with short iterations: expect noise.";
                    case NORMAL -> "The standard run.";
                    case FULL -> "A full run, for publishing.";
                };
        return results.complete()
                ? effort
                : effort + " It was stopped before the end, so figures are missing.";
    }

    private void environment(Results results) {
        Machine machine = results.machine();
        html.append("<dl>\n");
        fact("Machine", machine.processors() + " × " + machine.cpu() + ", " + machine.memory());
        fact("Kernel", machine.kernel() + ", " + machine.architecture());
        fact("JDK", machine.jdk());
        fact("Flags", machine.flags().isEmpty() ? "none" : machine.flags());
        fact("Commit", machine.commit());
        fact("Date", DATE.format(results.date()));
        html.append("</dl>\n");
        notes(results.commonNotes());
    }

    private void notes(List<String> notes) {
        if (!notes.isEmpty()) {
            html.append("<ul class=\"notes\">\n");
            notes.forEach(note -> html.append("<li>" + escape(note) + "</li>\n"));
            html.append("</ul>\n");
        }
    }

    private void fact(String name, String value) {
        html.append("<div><dt>").append(name).append("</dt><dd>");
        html.append(escape(value)).append("</dd></div>\n");
    }

    private void answer(Results results, Answer answer) {
        Question question = answer.question();
        html.append("<section id=\"").append(question.id()).append("\">\n<h2>");
        html.append(escape(question.title())).append("</h2>\n<p>");
        html.append(escape(question.sentence())).append("</p>\n");
        List<Panel> panels = Panel.of(answer);
        for (Panel panel : panels) {
            if (!panel.parameters().isEmpty()) {
                html.append("<h3>").append(escape(panel.parameters())).append("</h3>\n");
            }
            picture(panel);
            table(panel);
        }
        notes(results.notesOf(answer));
        html.append("</section>\n");
    }

    /** The browser chooses a chart by the colours that the reader prefers and by the width. */
    private void picture(Panel panel) {
        String wide = charts.svg(panel, Charts.WIDE);
        String small = charts.svg(panel, Charts.NARROW);
        String narrow = "(max-width: 700px)";
        String dark = "(prefers-color-scheme: dark)";
        html.append("<picture>\n");
        source(narrow + " and " + dark, Palette.dark(small));
        source(narrow, small);
        source(dark, Palette.dark(wide));
        html.append("<img alt=\"").append(escape(alternative(panel))).append("\" src=\"");
        html.append(data(wide)).append("\">\n</picture>\n");
    }

    private void source(String media, String svg) {
        html.append("<source media=\"").append(media).append("\" srcset=\"");
        html.append(data(svg)).append("\">\n");
    }

    private static String data(String svg) {
        byte[] bytes = svg.getBytes(StandardCharsets.UTF_8);
        return "data:image/svg+xml;base64," + Base64.getEncoder().encodeToString(bytes);
    }

    /** Returns the text in place of a chart, as in {@code ns per poll: epoll 612, poll 12,300}. */
    static String alternative(Panel panel) {
        return panel.series().stream()
                .map(each -> each.label() + " " + Numbers.score(each.last().score()))
                .collect(Collectors.joining(", ", panel.question().unit() + ": ", ""));
    }

    private void table(Panel panel) {
        Cells cells = Cells.of(panel);
        html.append("<details><summary>Figures</summary><div class=\"scroll\"><table>\n<tr>");
        cells.header().forEach(cell -> html.append("<th>" + escape(cell) + "</th>"));
        html.append("</tr>\n");
        for (List<String> line : cells.lines()) {
            html.append("<tr>");
            for (int i = 0; i < line.size(); i++) {
                String tag = i == 0 ? "th" : "td";
                html.append("<" + tag + ">" + escape(line.get(i)) + "</" + tag + ">");
            }
            html.append("</tr>\n");
        }
        html.append("</table></div></details>\n");
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
