package io.uloop.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An option of a command, and its value in the command line. Not thread-safe. */
final class Option {
    private final List<String> names;
    private final @Nullable String label;
    private final String description;
    private @Nullable String value;

    private Option(
            List<String> names,
            @Nullable String label,
            @Nullable String initial,
            String description) {
        this.names = names;
        this.label = label;
        this.value = initial;
        this.description = description;
    }

    /** Creates an option without a value. */
    static Option flag(String description, String... names) {
        return new Option(List.of(names), null, null, description);
    }

    /**
     * Creates an option with a value.
     *
     * @param label stands for the value in the help
     * @param initial the value if the option is not given, or null
     * @param names the short one first
     */
    static Option withValue(
            String label, @Nullable String initial, String description, String... names) {
        return new Option(List.of(names), label, initial, description);
    }

    boolean isNamed(String name) {
        return names.contains(name);
    }

    boolean takesValue() {
        return label != null;
    }

    void give(String given) {
        value = given;
    }

    /** {@return whether the option is given or has an initial value} */
    boolean isPresent() {
        return value != null;
    }

    /** {@return the value, or null if it is not present} */
    @Nullable String value() {
        return value;
    }

    /** {@return the value as an integer} */
    int number(int least, int greatest, String expected) {
        try {
            int number = Integer.parseInt(String.valueOf(value));
            if (number >= least && number <= greatest) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Reported below, like a number out of range.
        }
        throw refuse(expected);
    }

    /**
     * Returns an exception that refuses the value.
     *
     * @param expected what it should be, behind "is not a"
     */
    UsageException refuse(String expected) {
        return new UsageException(longName() + ": '" + value + "' is not a " + expected);
    }

    private String longName() {
        return names.get(names.size() - 1);
    }

    /** {@return names and label, for the help} */
    String usage() {
        String shortName = names.size() > 1 ? names.get(0) + ", " : "    ";
        return shortName + longName() + (label == null ? "" : "=" + label);
    }

    String description() {
        return description;
    }
}
