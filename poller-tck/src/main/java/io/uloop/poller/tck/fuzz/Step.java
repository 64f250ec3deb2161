package io.uloop.poller.tck.fuzz;

import io.uloop.poller.UEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.function.IntUnaryOperator;

/**
 * A step of a script. Descriptors have names that are used only once per script, such as {@code
 * d7}. {@code self} is the descriptor that a sink is called for, and {@code none} is -1. A step on
 * a name that was never opened is skipped. Operands that the verb does not have are 0.
 *
 * @param verb the operation
 * @param kind the kind of file to open
 * @param target the name of the descriptor acted on
 * @param other the second name that the step opens, or the target of a dup, connect or accept
 * @param operand a number, or event bits
 * @param reactions the steps to take in the sink of a poll
 */
record Step(Verb verb, Kind kind, int target, int other, int operand, List<Reaction> reactions) {
    /** The descriptor that the sink is called for. */
    static final int SELF = -2;

    /** The descriptor -1. */
    static final int NONE = -1;

    static Step of(Verb verb, int target, int other, int operand) {
        return new Step(verb, Kind.PIPE, target, other, operand, List.of());
    }

    static Step of(Verb verb, int target, int operand) {
        return of(verb, target, 0, operand);
    }

    static Step of(Verb verb, int target) {
        return of(verb, target, 0, 0);
    }

    static Step open(Kind kind, int target, int other) {
        return new Step(Verb.OPEN, kind, target, other, 0, List.of());
    }

    static Step poll(int micros, List<Reaction> reactions) {
        return new Step(Verb.POLL, Kind.PIPE, 0, 0, micros, reactions);
    }

    Step withOperand(int number) {
        return new Step(verb, kind, target, other, number, reactions);
    }

    /** Returns the same step on another descriptor. */
    Step on(int name) {
        return new Step(verb, kind, name, other, operand, reactions);
    }

    Step withKind(Kind replacement) {
        return new Step(verb, replacement, target, other, operand, reactions);
    }

    Step withReactions(List<Reaction> replacement) {
        return new Step(verb, kind, target, other, operand, List.copyOf(replacement));
    }

    boolean has(Verb.Operand wanted) {
        return verb.operands.contains(wanted)
                && (wanted != Verb.Operand.OTHER || verb != Verb.OPEN || kind.descriptors == 2);
    }

    /** Returns the same step with other names. */
    Step renamed(IntUnaryOperator names) {
        List<Reaction> renamed = new ArrayList<>();
        int newTarget = has(Verb.Operand.TARGET) && target >= 0 ? names.applyAsInt(target) : target;
        int newOther = has(Verb.Operand.OTHER) ? names.applyAsInt(other) : other;
        for (Reaction reaction : reactions) {
            renamed.add(new Reaction(reaction.event(), reaction.step().renamed(names)));
        }
        return new Step(verb, kind, newTarget, newOther, operand, List.copyOf(renamed));
    }

    @Override
    public String toString() {
        StringJoiner words = new StringJoiner(" ");
        words.add(verb.word());
        for (Verb.Operand operandKind : verb.operands) {
            if (has(operandKind)) {
                words.add(word(operandKind));
            }
        }
        if (!reactions.isEmpty()) {
            StringJoiner joined = new StringJoiner("; ", "{ ", " }");
            reactions.forEach(reaction -> joined.add(reaction.toString()));
            words.add(joined.toString());
        }
        return words.toString();
    }

    private String word(Verb.Operand operandKind) {
        return switch (operandKind) {
            case KIND -> kind.name();
            case TARGET -> name(target);
            case OTHER -> name(other);
            case NUMBER -> Integer.toString(operand);
            case EVENTS -> UEvent.toString(operand);
        };
    }

    static String name(int name) {
        return name == SELF ? "self" : name == NONE ? "none" : "d" + name;
    }

    /** Parses the output of {@link #toString}. */
    static Step parse(String line) {
        int brace = line.indexOf('{');
        List<Reaction> reactions = new ArrayList<>();
        if (brace >= 0) {
            for (String part : line.substring(brace + 1, line.lastIndexOf('}')).split(";", -1)) {
                int colon = part.indexOf(':');
                reactions.add(
                        new Reaction(
                                Integer.parseInt(part.substring(0, colon).strip()),
                                parse(part.substring(colon + 1))));
            }
        }
        String head = brace < 0 ? line : line.substring(0, brace);
        List<String> words = Arrays.asList(head.strip().split("\\s+", -1));
        Step step = of(Verb.valueOf(words.get(0).toUpperCase(Locale.ROOT)), 0);
        int index = 1;
        for (Verb.Operand operandKind : step.verb().operands) {
            if (step.has(operandKind)) {
                step = step.with(operandKind, words.get(index++));
            }
        }
        if (index != words.size()) {
            throw new IllegalArgumentException("too many words in step: " + line);
        }
        return step.withReactions(reactions);
    }

    private Step with(Verb.Operand operandKind, String word) {
        return switch (operandKind) {
            case KIND -> withKind(Kind.valueOf(word));
            case TARGET -> new Step(verb, kind, parseName(word), other, operand, reactions);
            case OTHER -> new Step(verb, kind, target, parseName(word), operand, reactions);
            case NUMBER -> withOperand(Integer.parseInt(word));
            case EVENTS -> withOperand(parseEvents(word));
        };
    }

    private static int parseName(String word) {
        return switch (word) {
            case "self" -> SELF;
            case "none" -> NONE;
            default -> Integer.parseInt(word.substring(1));
        };
    }

    private static int parseEvents(String word) {
        int events = 0;
        for (String bit : word.split("\\|", -1)) {
            events |=
                    switch (bit) {
                        case "NONE" -> UEvent.NONE;
                        case "IN" -> UEvent.IN;
                        case "PRI" -> UEvent.PRI;
                        case "OUT" -> UEvent.OUT;
                        case "ERR" -> UEvent.ERR;
                        case "HUP" -> UEvent.HUP;
                        case "NVAL" -> UEvent.NVAL;
                        case "RDHUP" -> UEvent.RDHUP;
                        case "EXCLUSIVE" -> UEvent.EXCLUSIVE;
                        case "ONESHOT" -> UEvent.ONESHOT;
                        case "EDGE" -> UEvent.EDGE;
                        default -> Integer.decode(bit);
                    };
        }
        return events;
    }
}
