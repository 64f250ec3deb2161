package io.uloop.benchmarks.report;

import java.util.List;
import java.util.stream.Collectors;

/** Formats results as a Markdown page beside the charts, for sites that do not show HTML. */
final class MarkdownPage {
    private final StringBuilder text = new StringBuilder();

    private MarkdownPage() {}

    static String of(Results results) {
        MarkdownPage page = new MarkdownPage();
        page.environment(results);
        results.answers().forEach(answer -> page.answer(results, answer));
        return page.text.toString();
    }

    private void environment(Results results) {
        Machine machine = results.machine();
        String flags = machine.flags().isEmpty() ? "no flags" : "`" + machine.flags() + "`";
        line("# Results");
        line(
                "%d x %s, %s, %s %s; %s, %s; commit %s; effort %s, %s."
                                .formatted(
                                        machine.processors(),
                                        machine.cpu(),
                                        machine.memory(),
                                        machine.kernel(),
                                        machine.architecture(),
                                        machine.jdk(),
                                        flags,
                                        machine.commit(),
                                        results.effort(),
                                        Page.DATE.format(results.date()))
                        + (results.complete() ? "" : " Stopped before the end."));
        line(
                "Written by `./uloop bench`, with the raw data in ["
                        + Report.RESULTS
                        + "]("
                        + Report.RESULTS
                        + ").");
        notes(results.commonNotes());
    }

    private void answer(Results results, Answer answer) {
        Question question = answer.question();
        line("## " + question.title());
        line(question.sentence());
        for (Panel panel : Panel.of(answer)) {
            if (!panel.parameters().isEmpty()) {
                line("### " + panel.parameters());
            }
            String chart = Report.CHARTS + "/" + panel.id();
            line(
                    """
                    <picture>
                      <source media="(prefers-color-scheme: dark)" srcset="%s-dark.svg">
                      <img alt="%s" src="%s-light.svg">
                    </picture>"""
                            .formatted(chart, Page.escape(Page.alternative(panel)), chart));
            table(Cells.of(panel));
        }
        notes(results.notesOf(answer));
    }

    private void table(Cells cells) {
        row(cells.header());
        row(cells.header().stream().map(each -> "---").toList());
        cells.lines().forEach(this::row);
        text.append('\n');
    }

    private void row(List<String> cells) {
        text.append(cells.stream().collect(Collectors.joining(" | ", "| ", " |\n")));
    }

    private void notes(List<String> notes) {
        if (!notes.isEmpty()) {
            line(notes.stream().map(note -> "- " + note).collect(Collectors.joining("\n")));
        }
    }

    private void line(String paragraph) {
        text.append(paragraph).append("\n\n");
    }
}
