package io.uloop.benchmarks.report;

import java.io.PrintWriter;
import java.time.Duration;

/**
 * Shows what runs and how long it will take. A terminal has one line that changes. Anything else
 * gets a line per step.
 *
 * <p>Not thread-safe.
 */
final class ProgressLine {
    private static final int WIDTH = 79;

    /** Until then, the time that is left follows from what was expected, not from what was seen. */
    private static final long TRUSTED_NANOS = Duration.ofSeconds(5).toNanos();

    private final PrintWriter out;
    private final boolean terminal;
    private final Duration total;
    private String last = "";

    /**
     * @param total how long everything is expected to take
     */
    ProgressLine(PrintWriter out, boolean terminal, Duration total) {
        this.out = out;
        this.terminal = terminal;
        this.total = total;
    }

    /**
     * Shows a step.
     *
     * @param step what runs, as in {@code [2/9] timers: netty-nio}
     * @param elapsed the time since the start
     * @param done how much of the expected time should have passed by now
     */
    void show(String step, Duration elapsed, Duration done) {
        if (!terminal) {
            if (!step.equals(last)) {
                last = step;
                out.println(clock(elapsed) + "  " + step + left(elapsed, done));
                out.flush();
            }
            return;
        }
        String right = "  " + clock(elapsed) + left(elapsed, done);
        int room = WIDTH - right.length();
        String text = step.length() <= room ? step : step.substring(0, room - 3) + "...";
        out.print("\r" + text + " ".repeat(room - text.length()) + right);
        out.flush();
    }

    /** Removes the line from a terminal. */
    void clear() {
        if (terminal) {
            out.print("\r" + " ".repeat(WIDTH) + "\r");
            out.flush();
        }
    }

    private String left(Duration elapsed, Duration done) {
        long remaining = total.minus(done).toNanos();
        if (done.toNanos() >= TRUSTED_NANOS) {
            remaining = (long) (remaining * ((double) elapsed.toNanos() / done.toNanos()));
        }
        return ", about " + clock(Duration.ofNanos(Math.max(0, remaining))) + " left";
    }

    /** Formats a duration as in {@code 4:05} or {@code 1:04:05}. */
    static String clock(Duration duration) {
        long seconds = Math.round(duration.toMillis() / 1000.0);
        String text = String.format("%d:%02d", seconds / 60 % 60, seconds % 60);
        return seconds < 3600
                ? text
                : String.format("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
}
