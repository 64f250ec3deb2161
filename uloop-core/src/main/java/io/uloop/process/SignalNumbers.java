package io.uloop.process;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The numbers of signals on this system, without the JVM, which does not know all of them. */
final class SignalNumbers {
    private static final List<String> LINUX =
            names(
                    "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT"
                            + " CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO"
                            + " PWR SYS");

    private static final List<String> LINUX_ON_MIPS =
            names(
                    "HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM USR1 USR2"
                            + " CHLD PWR WINCH URG IO STOP TSTP CONT TTIN TTOU VTALRM PROF XCPU"
                            + " XFSZ");

    /** Of macOS and the BSDs. */
    private static final List<String> BSD =
            names(
                    "HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM URG STOP"
                            + " TSTP CONT CHLD TTIN TTOU IO XCPU XFSZ VTALRM PROF WINCH INFO USR1"
                            + " USR2");

    private static final List<String> HERE =
            of(System.getProperty("os.name"), System.getProperty("os.arch"));

    private SignalNumbers() {}

    private static List<String> names(String text) {
        return Arrays.asList(text.split(" "));
    }

    static List<String> of(String system, String architecture) {
        if (!system.equals("Linux")) {
            return BSD;
        }
        return architecture.toLowerCase(Locale.ROOT).startsWith("mips") ? LINUX_ON_MIPS : LINUX;
    }

    /**
     * Returns the number of a signal.
     *
     * @param name with or without SIG, or a number for signals without a name
     * @throws IllegalArgumentException if there is no such signal
     */
    static int number(String name) {
        String plain = name.startsWith("SIG") ? name.substring(3) : name;
        int index = HERE.indexOf(plain);
        if (index >= 0) {
            return index + 1;
        }
        try {
            int number = Integer.parseInt(plain);
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // It is no number, either.
        }
        throw new IllegalArgumentException(
                "this platform has no signal " + name + "; its signals are " + HERE);
    }

    /** {@return the name of a signal without SIG, or its number if it has none} */
    static String name(int number) {
        return number <= HERE.size() ? HERE.get(number - 1) : Integer.toString(number);
    }
}
