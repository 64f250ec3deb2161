package io.uloop.poller.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Sends signals to programs that a test has started.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public final class ChildSignals {
    /** The signals that a JVM leaves ignored if they were ignored when it started. */
    private static final Map<String, Integer> KEPT_IGNORED = Map.of("HUP", 1, "INT", 2, "TERM", 15);

    private ChildSignals() {}

    /**
     * Sends a signal with kill(1). Skips the rest of the test if the program ignores that signal: a
     * shell starts background commands with INT ignored, nohup(1) ignores HUP, and all programs
     * started from there inherit that.
     *
     * @param pid a running program
     * @param name for example {@code "TERM"}
     * @throws IOException if kill(1) cannot be started
     * @throws InterruptedException if this thread is interrupted
     */
    public static void send(long pid, String name) throws IOException, InterruptedException {
        assumeFalse(isIgnored(pid, name), name + " is ignored here");
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start();
        assertEquals(0, kill.waitFor(), "the status of kill");
        kill.getInputStream().close();
        kill.getErrorStream().close();
        kill.getOutputStream().close();
    }

    private static boolean isIgnored(long pid, String name) throws IOException {
        Integer number = KEPT_IGNORED.get(name);
        Path status = Path.of("/proc", Long.toString(pid), "status");
        if (number == null || !Files.exists(status)) {
            return false; // not Linux
        }
        String field = "SigIgn:";
        long ignored =
                Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith(field))
                        .map(line -> line.substring(field.length()).strip())
                        .mapToLong(mask -> Long.parseUnsignedLong(mask, 16))
                        .findFirst()
                        .orElse(0);
        return (ignored & 1L << (number - 1)) != 0;
    }
}
