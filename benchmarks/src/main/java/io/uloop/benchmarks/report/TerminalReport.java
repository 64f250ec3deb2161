package io.uloop.benchmarks.report;

import java.util.List;

/** Formats results as tables for a terminal. */
final class TerminalReport {
    private TerminalReport() {}

    static String of(Results results) {
        StringBuilder text = new StringBuilder();
        for (Answer answer : results.answers()) {
            text.append(of(answer, results.notesOf(answer))).append('\n');
        }
        results.commonNotes().forEach(note -> text.append(note).append('\n'));
        Machine machine = results.machine();
        text.append(machine.processors() + " x " + machine.cpu() + ", " + machine.memory() + ", ");
        text.append(machine.kernel() + " " + machine.architecture() + "\n");
        text.append(machine.jdk());
        text.append(machine.flags().isEmpty() ? "" : ", " + machine.flags());
        text.append(", commit " + machine.commit() + "\n");
        return text.toString();
    }

    static String of(Answer answer, List<String> notes) {
        StringBuilder text = new StringBuilder();
        for (Panel panel : Panel.of(answer)) {
            text.append(panel.title()).append(": ").append(panel.unit()).append('\n');
            Cells cells = Cells.of(panel);
            TextTable table = new TextTable();
            table.add(cells.header());
            cells.lines().forEach(table::add);
            text.append(table);
        }
        if (Panel.of(answer).isEmpty()) {
            text.append(answer.question().title()).append(": no figures\n");
        }
        notes.forEach(note -> text.append("  (").append(note).append(")\n"));
        return text.toString();
    }
}
