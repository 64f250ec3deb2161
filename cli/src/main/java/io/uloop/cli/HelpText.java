package io.uloop.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Prints help that fits a terminal of 80 columns. Not thread-safe. */
final class HelpText {
    private static final int WIDTH = 80;
    private static final int INDENT = 2;

    private final PrintWriter out;
    private final List<String[]> rows = new ArrayList<>();
    private String separator = "";

    HelpText(PrintWriter out) {
        this.out = out;
    }

    /** Prints a text, broken into lines, unless it is empty. */
    void paragraph(String text) {
        if (!text.isEmpty()) {
            separate();
            wrap("", text, 0);
        }
    }

    /** Prints lines as they are, unless there are none. */
    void lines(String text) {
        if (!text.isEmpty()) {
            separate();
            text.lines().forEach(out::println);
        }
    }

    /** Starts a table. */
    void heading(String text) {
        separate();
        out.println(text);
    }

    void row(String first, String second) {
        rows.add(new String[] {first, second});
    }

    /** Prints the table. */
    void endRows() {
        int longest = rows.stream().mapToInt(row -> row[0].length()).max().orElse(0);
        int column = INDENT + longest + INDENT;
        for (String[] row : rows) {
            String first = " ".repeat(INDENT) + row[0];
            wrap(first + " ".repeat(column - first.length()), row[1], column + INDENT);
        }
        rows.clear();
    }

    private void separate() {
        out.print(separator);
        separator = System.lineSeparator();
    }

    /** Prints the words of a text behind the start of a line, and of further ones as needed. */
    private void wrap(String start, String text, int indent) {
        StringBuilder line = new StringBuilder(start);
        boolean isFirst = true;
        for (String word : text.split(" ", -1)) {
            if (!isFirst && line.length() + 1 + word.length() > WIDTH) {
                out.println(line);
                line.setLength(0);
                line.append(" ".repeat(indent));
                isFirst = true;
            }
            line.append(isFirst ? "" : " ").append(word);
            isFirst = false;
        }
        out.println(line);
    }
}
