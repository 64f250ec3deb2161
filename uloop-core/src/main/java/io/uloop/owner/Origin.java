package io.uloop.owner;

import java.lang.StackWalker.StackFrame;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The place where a descriptor or a loop was opened: the line of the program, or the whole stack if
 * enabled.
 */
public final class Origin {
    private static final String SWITCH = "uloop.trackLeaks";
    private static final boolean WHOLE_STACKS = Boolean.getBoolean(SWITCH);

    /** How the names of classes start that open something for the program. */
    private static final List<String> OWN_CLASSES =
            List.of(
                    "io.uloop.Uloop",
                    "io.uloop.owner.",
                    "io.uloop.descriptor.",
                    "io.uloop.group.",
                    "io.uloop.live.",
                    "io.uloop.net.",
                    "io.uloop.connection.",
                    "io.uloop.fiber.",
                    "io.uloop.stream.",
                    "io.uloop.source.",
                    "io.uloop.process.");

    private final String what;
    private final Optional<StackFrame> caller;
    private final @Nullable Throwable stack;

    private Origin(String what, Optional<StackFrame> caller, @Nullable Throwable stack) {
        this.what = what;
        this.caller = caller;
        this.stack = stack;
    }

    /** {@return whether each place is a whole stack, as the system property asks} */
    public static boolean isWholeStack() {
        return WHOLE_STACKS;
    }

    /** {@return the origin of what is being opened or accepted} */
    public static Origin here() {
        return WHOLE_STACKS
                ? new Origin("opened", Optional.empty(), new Throwable("opened here"))
                : new Origin("opened", caller(), null);
    }

    /** {@return the shared origin of the connections of a listener that is being opened} */
    public static Origin ofConnections() {
        return new Origin("accepted by a listener that was opened", caller(), null);
    }

    /** {@return the end of a sentence about what was opened} */
    public String describe() {
        return stack != null
                ? ""
                : "; it was "
                        + what
                        + caller.map(frame -> " at " + frame.toStackTraceElement()).orElse("")
                        + " (run with -D"
                        + SWITCH
                        + "=true for the whole stack)";
    }

    /** {@return the whole stack, or null if only the line is known} */
    public @Nullable Throwable stack() {
        return stack;
    }

    private static boolean isOwn(String className) {
        return OWN_CLASSES.stream().anyMatch(className::startsWith);
    }

    private static Optional<StackFrame> caller() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(each -> !isOwn(each.getClassName())).findFirst());
    }
}
