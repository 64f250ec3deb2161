package io.uloop.net;

import java.lang.StackWalker.StackFrame;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The place where a channel was opened: the line of the program, or the whole stack if enabled. */
final class Origin {
    private static final String SWITCH = "uloop.net.trackLeaks";
    private static final boolean WHOLE_STACKS = Boolean.getBoolean(SWITCH);

    /** The packages whose classes open channels for the program. */
    private static final List<String> OWN_PACKAGES =
            List.of("io.uloop.net.", "io.uloop.connection.");

    private final String what;
    private final Optional<StackFrame> caller;
    private final @Nullable Throwable stack;

    private Origin(String what, Optional<StackFrame> caller, @Nullable Throwable stack) {
        this.what = what;
        this.caller = caller;
        this.stack = stack;
    }

    /** Returns the origin of a channel that is being opened. */
    static Origin here() {
        return WHOLE_STACKS
                ? new Origin("opened", Optional.empty(), new Throwable("opened here"))
                : new Origin("opened", caller(), null);
    }

    /**
     * Returns the origin of a connection that is being accepted. Without whole stacks, all
     * connections of a listener share one object.
     */
    static Origin accepted(Origin ofListener) {
        return WHOLE_STACKS ? here() : ofListener;
    }

    /** Returns the shared origin of the connections of a listener that is being opened. */
    static Origin ofConnections() {
        return new Origin("accepted by a listener that was opened", caller(), null);
    }

    /** Returns the end of a sentence about the channel. */
    String describe() {
        return stack != null
                ? ""
                : "; it was "
                        + what
                        + caller.map(frame -> " at " + frame.toStackTraceElement()).orElse("")
                        + " (run with -D"
                        + SWITCH
                        + "=true for the whole stack)";
    }

    @Nullable Throwable stack() {
        return stack;
    }

    private static boolean isOwn(String className) {
        return OWN_PACKAGES.stream().anyMatch(className::startsWith);
    }

    private static Optional<StackFrame> caller() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(each -> !isOwn(each.getClassName())).findFirst());
    }
}
