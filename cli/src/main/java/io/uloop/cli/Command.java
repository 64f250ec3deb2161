package io.uloop.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A command: its options, its help, and what it does. Used for one command line. Not thread-safe.
 */
abstract class Command {
    /** The exit status of a command that has done its work. */
    static final int OK = 0;

    private final String name;
    private final String header;
    private final String description;
    private final List<Option> options = new ArrayList<>();
    private final List<String> words = new ArrayList<>();
    private final Option help = Option.flag("Show this help and exit.", "-h", "--help");

    /**
     * @param header one sentence
     * @param description a paragraph, which may be empty
     */
    Command(String name, String header, String description) {
        this.name = name;
        this.header = header;
        this.description = description;
    }

    /** Adds an option, in the order of the help. */
    final Option add(Option option) {
        options.add(option);
        return option;
    }

    /** {@return the label of the words beside options, such as FILE, or null if there are none} */
    @Nullable String wordLabel() {
        return null;
    }

    /** {@return what the help shows behind the name} */
    String synopsis() {
        return wordLabel() == null ? "[OPTION...]" : "[OPTION...] " + wordLabel() + "...";
    }

    /** {@return examples, which the help shows at its end} */
    String examples() {
        return "";
    }

    /**
     * Runs the command.
     *
     * @return the exit status
     * @throws UsageException if an option cannot be used
     */
    abstract int run(Console console) throws IOException;

    final String header() {
        return header;
    }

    /** {@return the words beside options} */
    final List<String> words() {
        return words;
    }

    /** Parses a command line and runs the command, or prints its help. */
    final int run(Console console, List<String> arguments) throws IOException {
        parse(arguments);
        if (help.isPresent()) {
            printHelp(new HelpText(console.out()));
            return OK;
        }
        if (wordLabel() != null && words.isEmpty()) {
            throw new UsageException(wordLabel() + " is missing");
        }
        return run(console);
    }

    private void parse(List<String> arguments) {
        boolean mayBeOption = true;
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            if (!mayBeOption || !word.startsWith("-") || word.equals("-")) {
                addWord(word);
            } else if (word.equals("--")) {
                mayBeOption = false;
            } else {
                i += parseOption(word, i + 1 < arguments.size() ? arguments.get(i + 1) : null);
            }
        }
    }

    private void addWord(String word) {
        if (wordLabel() == null) {
            throw unknown(word);
        }
        words.add(word);
    }

    /** Returns how many words of the value were used: 1 or 0. */
    private int parseOption(String word, @Nullable String next) {
        int end = word.startsWith("--") ? word.indexOf('=') : Math.min(2, word.length());
        String named = end < 0 ? word : word.substring(0, end);
        String attached = end < 0 || end == word.length() ? null : word.substring(end);
        Option option = find(named);
        if (option == null || (attached != null && !option.takesValue())) {
            throw unknown(word);
        }
        if (!option.takesValue()) {
            option.give("");
            return 0;
        }
        if (attached != null) {
            option.give(attached.startsWith("=") ? attached.substring(1) : attached);
            return 0;
        }
        if (next == null) {
            throw new UsageException("the value of " + named + " is missing");
        }
        option.give(next);
        return 1;
    }

    private @Nullable Option find(String named) {
        for (Option option : options) {
            if (option.isNamed(named)) {
                return option;
            }
        }
        return help.isNamed(named) ? help : null;
    }

    static UsageException unknown(String word) {
        return new UsageException("unknown command or option '" + word + "'");
    }

    private void printHelp(HelpText text) {
        text.paragraph(header);
        text.paragraph("Usage: uloop " + name + ' ' + synopsis());
        text.paragraph(description);
        List<Option> all = new ArrayList<>(options);
        all.add(help);
        text.heading("Options:");
        for (Option option : all) {
            text.row(option.usage(), option.description());
        }
        text.endRows();
        text.lines(examples());
    }
}
