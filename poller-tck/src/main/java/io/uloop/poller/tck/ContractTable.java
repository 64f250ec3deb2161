package io.uloop.poller.tck;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Prints a table of the outcomes of the contract's cases on several backends.
 *
 * <pre>{@code java -cp poller-tck.jar io.uloop.poller.tck.ContractTable DIRECTORY...}</pre>
 *
 * <p>This reads every file that {@link PollerContract} has written to the directories. The table
 * has a row per case and a column per backend, with reasons as notes below. The exit status is 1 if
 * a case failed or is missing on a backend, or if there is no backend. Requires only the JDK and
 * the jar of this class.
 *
 * @since 0.1
 */
public final class ContractTable {
    private static final int WIDTH = 100;

    /** The file in the directory of outcomes that lists all cases: number, area and sentence. */
    static final String CASES = "cases.list";

    /** The sentences by area and case number, in the order of the numbers. */
    private final Map<String, NavigableMap<Integer, String>> areas = new LinkedHashMap<>();

    private final NavigableMap<String, Map<Integer, CaseResult>> resultsByBackend = new TreeMap<>();
    private final List<String> skips = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    private ContractTable() {}

    /**
     * Prints the table and exits.
     *
     * @param arguments directories of outcomes, which must exist
     * @throws IOException if an outcome cannot be read
     */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.exit(print(Arrays.stream(arguments).map(Path::of).toList(), out) ? 0 : 1);
    }

    /** Prints the table. Returns true if no case is missing and none has failed. */
    static boolean print(List<Path> directories, PrintStream out) throws IOException {
        ContractTable table = new ContractTable();
        for (Path directory : directories) {
            table.read(directory);
        }
        if (table.resultsByBackend.isEmpty() || table.areas.isEmpty()) {
            out.println("No outcomes in " + directories + "; run the contract tests first.");
            return false;
        }
        table.print(out);
        return table.failures.isEmpty();
    }

    private void read(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new NoSuchFileException("no directory of outcomes at " + directory);
        }
        Path cases = directory.resolve(CASES);
        if (Files.exists(cases)) {
            for (String line : Files.readAllLines(cases)) {
                String[] fields = line.split("\t", 3);
                areas.computeIfAbsent(fields[1], unused -> new TreeMap<>())
                        .put(Integer.parseInt(fields[0]), fields[2]);
            }
        }
        try (var files = Files.newDirectoryStream(directory, "*" + CaseResults.SUFFIX)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                String backend = name.substring(0, name.length() - CaseResults.SUFFIX.length());
                Map<Integer, CaseResult> results =
                        resultsByBackend.computeIfAbsent(backend, unused -> new TreeMap<>());
                for (String line : Files.readAllLines(file)) {
                    CaseResult result = CaseResult.ofLine(line);
                    results.merge(result.number(), result, ContractTable::worse);
                }
            }
        }
    }

    private static CaseResult worse(CaseResult one, CaseResult other) {
        return one.outcome().compareTo(other.outcome()) >= 0 ? one : other;
    }

    private void print(PrintStream out) {
        Map<Integer, List<String>> cellsByCase = new TreeMap<>();
        for (NavigableMap<Integer, String> sentences : areas.values()) {
            for (int number : sentences.keySet()) {
                cellsByCase.put(
                        number,
                        resultsByBackend.keySet().stream().map(b -> cell(number, b)).toList());
            }
        }
        List<String> backends = List.copyOf(resultsByBackend.keySet());
        int[] widths = new int[backends.size()];
        int sentenceWidth = WIDTH - 4;
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            int widest =
                    cellsByCase.values().stream()
                            .mapToInt(cells -> cells.get(column).length())
                            .max()
                            .orElse(0);
            widths[i] = Math.max(widest, backends.get(i).length());
            sentenceWidth -= widths[i] + 2;
        }
        for (Map.Entry<String, NavigableMap<Integer, String>> area : areas.entrySet()) {
            row(out, "", area.getKey(), sentenceWidth, backends, widths);
            for (Map.Entry<Integer, String> sentence : area.getValue().entrySet()) {
                row(
                        out,
                        sentence.getKey().toString(),
                        sentence.getValue(),
                        sentenceWidth,
                        cellsByCase.getOrDefault(sentence.getKey(), List.of()),
                        widths);
            }
            out.println();
        }
        notes(out);
    }

    private String cell(int number, String backend) {
        CaseResult result = resultsByBackend.getOrDefault(backend, Map.of()).get(number);
        if (result == null) {
            failures.add(number + " on " + backend + ": did not run");
            return "MISSING";
        }
        return switch (result.outcome()) {
            case PASSED -> "passed";
            case SKIPPED -> "skipped (" + note(result.reason()) + ")";
            case FAILED -> {
                failures.add(number + " on " + backend + ": " + result.reason());
                yield "FAILED";
            }
        };
    }

    /** Returns the number of the note for a reason. Equal reasons share a note. */
    private int note(@Nullable String reason) {
        String words = reason == null ? "no reason given" : reason;
        if (!skips.contains(words)) {
            skips.add(words);
        }
        return skips.indexOf(words) + 1;
    }

    private static void row(
            PrintStream out,
            String number,
            String sentence,
            int sentenceWidth,
            List<String> cells,
            int[] widths) {
        List<String> lines = wrapped(sentence, sentenceWidth);
        StringBuilder row = new StringBuilder(padded(number, 4));
        row.append(padded(lines.get(0), sentenceWidth));
        for (int i = 0; i < widths.length; i++) {
            row.append("  ").append(padded(cells.get(i), widths[i]));
        }
        out.println(row.toString().stripTrailing());
        for (String line : lines.subList(1, lines.size())) {
            out.println("    " + line);
        }
    }

    private void notes(PrintStream out) {
        if (!skips.isEmpty()) {
            out.println("Skipped because:");
            for (int i = 0; i < skips.size(); i++) {
                note(out, "(" + (i + 1) + ")", skips.get(i));
            }
            out.println();
        }
        for (String failure : failures) {
            int end = failure.indexOf(' ');
            note(out, failure.substring(0, end), failure.substring(end + 1));
        }
        long cases = areas.values().stream().mapToLong(NavigableMap::size).sum();
        resultsByBackend.forEach(
                (backend, results) ->
                        out.println(
                                backend
                                        + ": "
                                        + cases
                                        + " cases, "
                                        + count(results, Outcome.PASSED)
                                        + " passed, "
                                        + count(results, Outcome.SKIPPED)
                                        + " skipped, "
                                        + count(results, Outcome.FAILED)
                                        + " failed"));
    }

    private static long count(Map<Integer, CaseResult> results, Outcome outcome) {
        return results.values().stream().filter(result -> result.outcome() == outcome).count();
    }

    private static void note(PrintStream out, String label, String words) {
        String margin = padded(label, 5);
        for (String line : wrapped(words, WIDTH - margin.length())) {
            out.println(margin + line);
            margin = " ".repeat(margin.length());
        }
    }

    private static String padded(String words, int width) {
        return words + " ".repeat(Math.max(0, width - words.length()));
    }

    private static List<String> wrapped(String words, int width) {
        List<String> lines = new ArrayList<>();
        String rest = words;
        while (rest.length() > width) {
            int end = rest.lastIndexOf(' ', width);
            int cut = end > 0 ? end : width;
            lines.add(rest.substring(0, cut));
            rest = rest.substring(cut).stripLeading();
        }
        lines.add(rest);
        return lines;
    }
}
