package io.uloop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which signals a program may ask for, and what the others are for. */
final class SignalNames {
    private static final String KERNEL = "the kernel lets no process handle it";
    private static final String CRASH = "the JVM handles it as a fault of its own code";
    private static final String WRITES =
            "the JVM ignores it, so that a write fails with an exception instead";

    /** The JVM would let a program take some of these, and then misbehave. */
    private static final Map<String, String> RESERVED =
            Map.ofEntries(
                    Map.entry("KILL", KERNEL),
                    Map.entry("STOP", KERNEL),
                    Map.entry("SEGV", CRASH),
                    Map.entry("BUS", CRASH),
                    Map.entry("FPE", CRASH),
                    Map.entry("ILL", CRASH),
                    Map.entry("TRAP", CRASH),
                    Map.entry("ABRT", "the JVM ends itself with it"),
                    Map.entry("IOT", "the JVM ends itself with it"),
                    Map.entry("PIPE", WRITES),
                    Map.entry("XFSZ", WRITES),
                    Map.entry("QUIT", "the JVM prints its threads on it"),
                    Map.entry("BREAK", "the JVM prints its threads on it"),
                    Map.entry("USR2", "the JVM suspends its threads with it"));

    /** What platforms have beyond these can be asked for as well. */
    private static final List<String> COMMON =
            List.of(
                    "HUP", "INT", "TERM", "USR1", "WINCH", "CHLD", "CONT", "TSTP", "TTIN", "TTOU",
                    "ALRM", "VTALRM", "PROF", "URG", "IO", "PWR", "XCPU", "INFO");

    private SignalNames() {}

    /** The name without SIG, if a program may handle that signal. */
    static String checked(String name) {
        String plain = name.startsWith("SIG") ? name.substring(3) : name;
        String reason = RESERVED.get(plain);
        if (reason != null) {
            throw refusal(name, reason, null);
        }
        try {
            JvmSignals.required().signal(plain);
        } catch (IllegalArgumentException e) {
            throw refusal(name, "this platform has no such signal", e);
        }
        return plain;
    }

    /** What the JVM refuses in spite of its name: without its own handlers it has none of ours. */
    static IllegalArgumentException refused(String name, IllegalArgumentException cause) {
        return refusal(name, "the JVM keeps it, as it does under the option -Xrs", cause);
    }

    private static IllegalArgumentException refusal(
            String name, String reason, @Nullable Exception cause) {
        return new IllegalArgumentException(
                "signal "
                        + name
                        + " cannot be handled: "
                        + reason
                        + "; those that can are "
                        + String.join(", ", present())
                        + " (HUP, INT and TERM not under -Xrs)",
                cause);
    }

    private static List<String> present() {
        List<String> present = new ArrayList<>();
        for (String name : COMMON) {
            try {
                JvmSignals.required().signal(name);
                present.add(name);
            } catch (IllegalArgumentException e) {
                // Not of this platform: not in the list.
            }
        }
        return present;
    }
}
