package io.uloop.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Knows the signals that a program may handle and why it may not handle the others. */
final class SignalNames {
    private static final String KERNEL = "the kernel does not let a process handle it";
    private static final String CRASH = "the JVM handles it as a crash";
    private static final String WRITES =
            "the JVM ignores it, so that a write fails with an exception instead";

    /** Some of these the JVM would let a program handle, and then misbehave. */
    private static final Map<String, String> RESERVED =
            Map.ofEntries(
                    Map.entry("KILL", KERNEL),
                    Map.entry("STOP", KERNEL),
                    Map.entry("SEGV", CRASH),
                    Map.entry("BUS", CRASH),
                    Map.entry("FPE", CRASH),
                    Map.entry("ILL", CRASH),
                    Map.entry("TRAP", CRASH),
                    Map.entry("ABRT", "the JVM aborts with it"),
                    Map.entry("IOT", "the JVM aborts with it"),
                    Map.entry("PIPE", WRITES),
                    Map.entry("XFSZ", WRITES),
                    Map.entry("QUIT", "the JVM prints a thread dump on it"),
                    Map.entry("BREAK", "the JVM prints a thread dump on it"),
                    Map.entry("USR2", "the JVM suspends its threads with it"));

    /** Signals to suggest in messages. Others of the platform can be handled, too. */
    private static final List<String> COMMON =
            List.of(
                    "HUP", "INT", "TERM", "USR1", "WINCH", "CHLD", "CONT", "TSTP", "TTIN", "TTOU",
                    "ALRM", "VTALRM", "PROF", "URG", "IO", "PWR", "XCPU", "INFO");

    private SignalNames() {}

    /** {@return the name without SIG, if a program may handle that signal} */
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

    /**
     * {@return the exception for a signal that the JVM rejects} With -Xrs it rejects HUP, INT and
     * TERM.
     */
    static IllegalArgumentException refused(String name, IllegalArgumentException cause) {
        return refusal(name, "the JVM reserves it, for example because of the option -Xrs", cause);
    }

    private static IllegalArgumentException refusal(
            String name, String reason, @Nullable Exception cause) {
        return new IllegalArgumentException(
                "cannot handle signal "
                        + name
                        + ": "
                        + reason
                        + "; available signals are "
                        + String.join(", ", present())
                        + " (without HUP, INT and TERM if the JVM runs with -Xrs)",
                cause);
    }

    private static List<String> present() {
        List<String> present = new ArrayList<>();
        for (String name : COMMON) {
            try {
                JvmSignals.required().signal(name);
                present.add(name);
            } catch (IllegalArgumentException e) {
                // This platform does not have it.
            }
        }
        return present;
    }
}
